"""pgqueuer, in the one way in which it would stand still."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bot.model.codes import Lane
from storage import jobs
from storage.jobs import AT_ONCE, Jobs
from storage.store import Store
from tests.fakes.postgres import Postgres
from tests.running import eventually
from tests.stores import migrated

PICKED_WITHOUT_AN_ANSWER = text(
    "UPDATE pgqueuer SET status = 'picked', queue_manager_id = :replica, heartbeat = now() - interval '1 day'"
    " WHERE status = 'queued'"
)


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    with migrated(postgres.new_database()) as store:
        yield store


def add(store: Store, *tickets: UUID) -> None:
    with store.engine.begin() as db:
        for ticket in tickets:
            jobs.add(db, ticket, datetime.now(UTC), Lane.URGENT)


async def test_jobs_picked_with_a_lost_answer_do_not_fill_a_living_replica(store: Store) -> None:
    """They count against what it may have at once, and it knows nothing of them."""
    blocking, lost, later = uuid4(), [uuid4() for _ in range(AT_ONCE)], uuid4()
    seen, is_blocked = set[UUID](), asyncio.Event()

    async def work(ticket: UUID) -> None:
        seen.add(ticket)
        if ticket == blocking:
            await is_blocked.wait()

    async def sweep() -> None:
        return

    running = asyncio.create_task(Jobs(store.engine.url, work, sweep).run())
    async with asyncio.timeout(40):
        add(store, blocking)
        await eventually(lambda: blocking in seen)
        with store.engine.begin() as db:
            replica = db.scalar(text("SELECT queue_manager_id FROM pgqueuer WHERE status = 'picked'"))
            for ticket in lost:
                jobs.add(db, ticket, datetime.now(UTC) - timedelta(minutes=1), Lane.URGENT)
            db.execute(PICKED_WITHOUT_AN_ANSWER, {"replica": replica})
        is_blocked.set()
        add(store, later)
        await eventually(lambda: seen >= {*lost, later})
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
