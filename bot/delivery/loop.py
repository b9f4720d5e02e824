"""Sends what the outbox holds: one at a time for each ticket, several tickets at once, until accepted."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import Connection

from bot.delivery.body import body
from bot.delivery.hotline import GONE, Hotline
from bot.errors import ClocksApart, DeliveryLater, DeliveryRefused, NotNow
from bot.lines import Lines
from bot.metrics import DELIVERIES
from storage import canaries, outbox, sessions
from storage.claims import Claims
from storage.outbox import Due
from storage.store import Store

LONGEST_PAUSE = timedelta(hours=1)
CLOCKS_APART = timedelta(seconds=5)
KEEP_TRYING = timedelta(days=7)
"""A refusal may be a mistake at the hotline that somebody mends within days; then parked, never dropped."""
WITHDRAWN = "ticket.withdrawn"
"""The last trace of an erased report, gone when it has arrived."""
LEAST_TRIES = 20
"""Who was switched off for a week has not tried yet."""
_ELSEWHERE_SECONDS = 2.0
"""While another replica is at a ticket."""

log = structlog.get_logger()


def pause(attempts: int, asked: float | None, random: Callable[[], float]) -> timedelta:
    """Say how long to wait after a number of failed tries: doubling, with jitter, at most an hour.

    Args:
        attempts: Failed tries so far, from 1.
        asked: The hotline's own wish in seconds; heeded up to an hour.
        random: Gives a number in 0..1.
    """
    longest = min(2.0 ** min(attempts, 12), LONGEST_PAUSE.total_seconds())
    wanted = longest * (0.5 + random() / 2)
    return timedelta(seconds=max(wanted, min(asked or 0.0, LONGEST_PAUSE.total_seconds())))


def _random() -> float:
    return secrets.randbelow(1 << 24) / (1 << 24)


type Settle = Callable[[Connection], None]


def _look(db: Connection, ticket_id: UUID, now: datetime, settle: Settle | None) -> Due | datetime | None:
    """Write what became of the last try, and give the next; else when there is one."""
    if settle:
        settle(db)
        next_due = outbox.next_of(db, ticket_id)
        if next_due is None or next_due > now:
            return next_due
    return outbox.take(db, ticket_id, now) or outbox.next_of(db, ticket_id)


class Deliveries:
    """Works one ticket's outbox off. Whatever happens, the rows stay until the hotline has accepted them."""

    def __init__(
        self, store: Store, claims: Claims, hotline: Hotline, fingerprints: Sequence[str], acknowledgement: timedelta
    ) -> None:
        """Take the store, this replica's claims, the hotline, fingerprints of its keys, and within what it reacts."""
        self._store, self._claims, self._hotline, self._fingerprints = store, claims, hotline, fingerprints
        self._acknowledgement = acknowledgement
        self._lines = Lines[UUID]()

    async def work(self, ticket_id: UUID) -> datetime | None:
        """Send what is due of one ticket, in order: a withdrawal must not overtake a file.

        Returns:
            When this ticket is to be looked at again; None: nothing of it waits.

        Raises:
            NotNow: Another replica is at it.
        """
        async with self._lines.of(ticket_id), self._claims.hold("ticket", ticket_id.bytes) as claim:
            if not claim:
                raise NotNow(_ELSEWHERE_SECONDS)
            step = await self._store.run(_look, ticket_id, datetime.now(UTC), None)
            while isinstance(step, Due):
                tried, settle = step, await self._tried(step)
                step = await self._store.run(_look, ticket_id, datetime.now(UTC), settle)
                if tried.delivery.type == WITHDRAWN:
                    await asyncio.to_thread(self._store.scrub)
            return step

    async def _tried(self, due: Due) -> Settle:
        """Try a delivery; give what is to be written of it."""
        try:
            content = await asyncio.to_thread(body, due, self._fingerprints)
            await self._hotline.post(due.delivery, content)
        except DeliveryLater as wish:
            return self._later(due, wish.seconds)
        except DeliveryRefused as refusal:
            return self._refused(due, refusal)
        except ClocksApart:
            log.error("clock.apart", part="hotline")
            return partial(outbox.later, due=due, due_at=datetime.now(UTC) + CLOCKS_APART, counts=False)
        self._count("accepted", due)
        return partial(self._accepted, due=due, now=datetime.now(UTC))

    def _accepted(self, db: Connection, due: Due, now: datetime) -> None:
        outbox.accepted(db, due.id)
        if due.delivery.synthetic:
            canaries.arrived(db, due.delivery.ticket_id, now)
        elif due.delivery.type == "ticket.filed":
            sessions.await_word(db, due.delivery.ticket_id, now + self._acknowledgement)

    def _refused(self, due: Due, refusal: DeliveryRefused) -> Settle:
        """410 is final; any other refusal is tried for a week before a person has to look."""
        log.error("delivery.refused", status=refusal.status, type=due.delivery.type)
        age = datetime.now(UTC) - due.delivery.created_at
        if refusal.status == GONE or (age > KEEP_TRYING and due.delivery.attempts >= LEAST_TRIES):
            self._count("parked", due)
            return partial(outbox.park, delivery_id=due.id)
        return self._later(due, None)

    def _later(self, due: Due, asked: float | None) -> Settle:
        self._count("later", due)
        wait = pause(due.delivery.attempts + 1, asked, _random)
        return partial(outbox.later, due=due, due_at=datetime.now(UTC) + wait)

    def _count(self, result: str, due: Due) -> None:
        DELIVERIES.labels(result).inc()
        log.info("delivery.tried", result=result, type=due.delivery.type, attempts=due.delivery.attempts + 1)
