"""Jobs on PostgreSQL, kept, timed and handed out by pgqueuer: each names a ticket to look at."""

import asyncio
import contextlib
import importlib.metadata
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import structlog
from pgqueuer import Job, PgQueuer, Queries, RetryRequested
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import SyncQueries
from pgqueuer.adapters.persistence.schema_ddl import render_converge
from pgqueuer.domain.models import Schedule, TracebackRecord
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import JOB_STATUS, Channel, QueueEntrypoint
from sqlalchemy import URL, Connection

from bot.errors import NotNow
from bot.model.codes import Lane
from storage.wire import InTransaction, driver_of, lasting

type Work = Callable[[UUID], Awaitable[datetime | None]]
type Sweep = Callable[[], Awaitable[None]]

AT_ONCE = 8
TAKEOVER = timedelta(seconds=15)
"""A job whose replica has given no sign for so long goes to another; signs come at half of it."""
LOOK = timedelta(seconds=2)
"""Between looks at the table when no notice came: also how late a repeated job may be."""
PAUSE = timedelta(seconds=5)
"""Between a failed try and the next."""
STOP = 5.0
"""Seconds that running jobs have to be handed back when we are stopped."""
EVERY_5_SECONDS = "* * * * * */5"
SETTINGS = DBSettings(
    # Every name is given here: pgqueuer would take any that is missing from the environment, even from a
    # variable that is called DURABILITY or TRIGGER. The log (no ticket in it) need not outlive a crash.
    durability=Durability.balanced,
    prefix="",
    db_schema=None,
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    trigger="tg_pgqueuer_changed",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    schedules_table="pgqueuer_schedules",
    statistics_table="pgqueuer_statistics",
    widen_id=True,
)
RELEASE = importlib.metadata.version("pgqueuer")
_FORGET_LOG = "DELETE FROM pgqueuer_log WHERE created < now() - interval '1 hour'"
_LET_GO = """UPDATE pgqueuer SET queue_manager_id = NULL
WHERE status = 'picked' AND heartbeat < now() - $1::interval AND queue_manager_id IS NOT NULL"""
"""A job picked by an answer that got lost would count against its living replica's `AT_ONCE` for good."""
_VERSION = "SELECT obj_description(to_regclass('pgqueuer'), 'pg_class')"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('pgqueuer install'))"

log = structlog.get_logger()


class _QueueBuilder(QueryQueueBuilder):
    """Asks by the index when any waiting job is due; pgqueuer's own question sorts every job that waits."""

    def build_next_deferred_eta_query(self) -> str:
        return f"""SELECT greatest(min(execute_after) - now(), interval '0') AS eta FROM {self.qualified.queue_table}
        WHERE status = 'queued' AND entrypoint = ($1::text[])[1]"""  # noqa: S608 - no value in it


_ENQUEUES = _QueueBuilder(SETTINGS)
"""We have one entrypoint."""


def install(db: Connection) -> None:
    """Make pgqueuer's tables, or bring those of an older release to this one; once for each release."""
    raw = driver_of(db)
    raw.execute(_LOCK)
    if raw.execute(_VERSION).fetchone() == (RELEASE,):
        return
    for statement in render_converge(SETTINGS):
        raw.execute(statement)
    raw.execute(f"COMMENT ON TABLE pgqueuer IS '{RELEASE}'")


def add(db: Connection, ticket_id: UUID, due_at: datetime, lane: Lane) -> None:
    """Add a job in this transaction: without its commit there is none."""
    wait = max(due_at - datetime.now(UTC), timedelta())
    SyncQueries(InTransaction(driver_of(db)), _ENQUEUES).enqueue("ticket", ticket_id.bytes, -lane, wait)


class Jobs:
    """Works jobs off, and sweeps in one replica of all."""

    def __init__(self, url: URL, work: Work, sweep: Sweep) -> None:
        """Take the database's address, what works a ticket off, and what looks at deadlines."""
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._work, self._sweep = work, sweep

    def wake(self) -> None:
        """Do nothing: PostgreSQL tells of a new job itself."""

    async def run(self) -> None:
        """Work jobs off when due until cancelled."""
        while True:
            try:
                await self._run_once()
            except Exception as error:  # noqa: BLE001 - whatever the engine ends of, it is started again
                log.error("jobs.ended", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _run_once(self) -> None:
        running = set[asyncio.Task[object]]()
        async with lasting(self._address) as line:
            queries = _Queries(line, QueryBuilderEnvironment(SETTINGS), _ENQUEUES, QuerySchedulerBuilder(SETTINGS))
            queuer = PgQueuer(line, SETTINGS.channel, queries=queries)

            @queuer.entrypoint("ticket", accepts_context=False, on_failure="hold")
            async def ticket(job: Job) -> None:
                with _noted(running):
                    await _look(job, self._work)

            @queuer.schedule("sweep", EVERY_5_SECONDS, accepts_context=False)
            async def swept(_: Schedule) -> None:
                await _guarded(self._sweep)
                await line.execute(_FORGET_LOG)
                await line.execute(_LET_GO, TAKEOVER)

            await _until_cancelled(queuer, running)


async def _look(job: Job, work: Work) -> None:
    """Run one job; pgqueuer deletes its row only when this returns, and keeps it for later when this raises."""
    try:
        again = await work(UUID(bytes=job.payload))
    except NotNow as wish:
        raise RetryRequested(timedelta(seconds=wish.seconds)) from None
    except asyncio.CancelledError:
        raise RetryRequested(timedelta()) from None  # else pgqueuer deletes a cancelled job
    except Exception as error:  # noqa: BLE001 - whatever it was, the job comes again
        log.error("job.failed", error=type(error).__name__)
        raise RetryRequested(PAUSE) from None
    if again is not None:
        raise RetryRequested(max(again - datetime.now(UTC), timedelta()))


async def _guarded(sweep: Sweep) -> None:
    try:
        await sweep()
    except Exception as error:  # noqa: BLE001 - the next sweep comes in 5 seconds
        log.error("sweep.failed", error=type(error).__name__)


async def _until_cancelled(queuer: PgQueuer, running: set[asyncio.Task[object]]) -> None:
    """Let pgqueuer work. When we are cancelled, hand running jobs back at once, rather than wait for them."""
    working = asyncio.create_task(
        queuer.run(
            dequeue_timeout=LOOK,
            batch_size=AT_ONCE // 2,  # pgqueuer wants no more than half
            max_concurrent_tasks=AT_ONCE,
            heartbeat_timeout=TAKEOVER,
            log_aggregation_interval=timedelta(),  # no statistics
        )
    )
    try:
        await asyncio.shield(working)
    finally:
        queuer.shutdown.set()
        for task in running:
            task.cancel()
        await asyncio.wait({working}, timeout=STOP)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@contextlib.contextmanager
def _noted(running: set[asyncio.Task[object]]) -> Iterator[None]:
    task = cast("asyncio.Task[object]", asyncio.current_task())
    running.add(task)
    try:
        yield
    finally:
        running.discard(task)


class _Queries(Queries):
    """Of pgqueuer's ways to end a job only success deletes it; and no trace of an error is kept.

    Between looks pgqueuer asks whether a job is due, when the next is, and whether any waits: here the second question
    answers all three.
    """

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:  # noqa: ARG002
        return 0

    async def queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:  # noqa: ARG002
        return 0

    async def log_jobs(self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]) -> None:
        if done := [ended for ended in job_status if ended[1] == "successful"]:
            await super().log_jobs(done)
        for job, status, _ in job_status:
            if status != "successful":
                await self.retry_job(job, PAUSE, None)

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:  # noqa: ARG002
        await super().retry_job(job, delay, None)
