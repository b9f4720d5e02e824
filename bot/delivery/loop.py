"""Sends what the outbox holds: one at a time for each ticket, several tickets at once, until accepted."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection

from bot.delivery.body import body
from bot.delivery.hotline import GONE, Hotline
from bot.errors import DeliveryLater, DeliveryRefused
from bot.lines import Lines
from bot.metrics import DELIVERIES
from storage import canaries, outbox, sessions
from storage.claims import Claims
from storage.outbox import Due
from storage.store import Store

LONGEST_PAUSE = timedelta(hours=1)
LONGEST_WISH = timedelta(days=1)
KEEP_TRYING = timedelta(days=7)
"""A refusal may be a mistake at the hotline that somebody mends within days; then parked, never dropped."""
LEAST_TRIES = 20
"""Who was switched off for a week has not tried yet."""
ELSEWHERE = timedelta(seconds=2)
"""When to look again at a ticket that another replica is at."""

log = structlog.get_logger()


def pause(attempts: int, asked: float | None, random: Callable[[], float]) -> timedelta:
    """Say how long to wait after a number of failed tries: doubling, with jitter, at most an hour.

    Args:
        attempts: Failed tries so far, from 1.
        asked: The hotline's own wish in seconds; heeded up to a day.
        random: Gives a number in 0..1.
    """
    longest = min(2.0 ** min(attempts, 12), LONGEST_PAUSE.total_seconds())
    wanted = longest * (0.5 + random() / 2)
    return timedelta(seconds=max(wanted, min(asked or 0.0, LONGEST_WISH.total_seconds())))


def _random() -> float:
    return secrets.randbelow(1 << 24) / (1 << 24)


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
        """
        async with self._lines.of(ticket_id), self._claims.hold("ticket", ticket_id.bytes) as is_ours:
            if not is_ours:
                return datetime.now(UTC) + ELSEWHERE
            while due := await self._store.run(outbox.take, ticket_id, datetime.now(UTC)):
                await self._settle(due)
            return await self._store.run(outbox.next_due, ticket_id)

    async def _settle(self, due: Due) -> None:
        try:
            content = await asyncio.to_thread(body, due, self._fingerprints)
            await self._hotline.post(due.delivery, content)
        except DeliveryLater as wish:
            await self._later(due, wish.seconds)
        except DeliveryRefused as refusal:
            await self._refused(due, refusal)
        else:
            await self._store.run(self._accepted, due, datetime.now(UTC))
            self._count("accepted", due)

    def _accepted(self, db: Connection, due: Due, now: datetime) -> None:
        outbox.accepted(db, due.id)
        if due.delivery.synthetic:
            canaries.arrived(db, due.delivery.ticket_id, now)
        elif due.delivery.type == "ticket.filed":
            sessions.await_word(db, due.delivery.ticket_id, now + self._acknowledgement)

    async def _refused(self, due: Due, refusal: DeliveryRefused) -> None:
        """410 is final; any other refusal is tried for a week before a person has to look."""
        log.error("delivery.refused", status=refusal.status, type=due.delivery.type)
        age = datetime.now(UTC) - due.delivery.created_at
        if refusal.status == GONE or (age > KEEP_TRYING and due.delivery.attempts >= LEAST_TRIES):
            await self._store.run(outbox.park, due.id)
            self._count("parked", due)
        else:
            await self._later(due, None)

    async def _later(self, due: Due, asked: float | None) -> None:
        wait = pause(due.delivery.attempts + 1, asked, _random)
        await self._store.run(outbox.later, due, datetime.now(UTC) + wait)
        self._count("later", due)

    def _count(self, result: str, due: Due) -> None:
        DELIVERIES.labels(result).inc()
        log.info("delivery.tried", result=result, type=due.delivery.type, attempts=due.delivery.attempts + 1)
