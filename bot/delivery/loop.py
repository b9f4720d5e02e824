"""Sends what the outbox holds: one at a time for each ticket, several tickets at once, until accepted."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from bot.delivery.body import body
from bot.delivery.hotline import GONE, Hotline
from bot.errors import DeliveryLater, DeliveryRefused
from bot.lines import Lines
from bot.metrics import DELIVERIES
from bot.pacing import DueLoop
from storage import outbox
from storage.outbox import Due
from storage.store import Store

AT_ONCE = 8
LONGEST_PAUSE = timedelta(hours=1)
KEEP_TRYING = timedelta(days=7)
"""The least that the interface promises; then parked, never dropped."""

LEAST_TRIES = 20
"""Who was switched off for a week has not tried yet."""

log = structlog.get_logger()


def pause(attempts: int, asked: float | None, random: Callable[[], float]) -> timedelta:
    """Say how long to wait after a number of failed tries: doubling, with jitter, at most an hour.

    Args:
        attempts: Failed tries so far, from 1.
        asked: The hotline's own wish in seconds.
        random: Gives a number in 0..1.
    """
    longest = min(2.0 ** min(attempts, 12), LONGEST_PAUSE.total_seconds())
    wanted = longest * (0.5 + random() / 2)
    return timedelta(seconds=max(wanted, min(asked or 0.0, LONGEST_PAUSE.total_seconds() * 24)))


def _random() -> float:
    return secrets.randbelow(1 << 24) / (1 << 24)


class DeliveryLoop:
    """Works the outbox off. Whatever happens to it, the rows stay until the hotline has accepted them."""

    def __init__(self, store: Store, hotline: Hotline, fingerprints: Sequence[str]) -> None:
        """Take the outbox's store, the hotline, and the fingerprints of its keys."""
        self._store, self._hotline, self._fingerprints = store, hotline, fingerprints
        self._lines = Lines[UUID]()
        self._loop = DueLoop(self._due, self._next_due, self._attempt, AT_ONCE)
        self.wake, self.run = self._loop.wake, self._loop.run

    async def _due(self) -> Sequence[int]:
        return await self._store.run(outbox.due, datetime.now(UTC), AT_ONCE * 2)

    async def _next_due(self) -> datetime | None:
        return await self._store.run(outbox.next_due)

    async def _attempt(self, id_: int) -> None:
        """Try one delivery, after what is under way for its ticket: a withdrawal must not overtake a file."""
        ticket_id = await self._store.run(outbox.ticket_of, id_)
        if ticket_id is None:
            return
        async with self._lines.of(ticket_id):
            if due := await self._store.run(outbox.take, id_):
                await self._settle(id_, due)

    async def _settle(self, id_: int, due: Due) -> None:
        try:
            content = await asyncio.to_thread(body, due, self._fingerprints)
            await self._hotline.post(due.delivery.webhook_id, content)
        except DeliveryLater as wish:
            await self._later(id_, due, wish.seconds)
        except DeliveryRefused as refusal:
            await self._refused(id_, due, refusal)
        else:
            await self._store.run(outbox.accepted, id_)
            self._count("accepted", due)

    async def _refused(self, id_: int, due: Due, refusal: DeliveryRefused) -> None:
        """410 is final; any other refusal may be a mistake at the hotline that somebody mends within days."""
        log.error("delivery.refused", status=refusal.status, type=due.delivery.type)
        if refusal.status == GONE:
            await self._store.run(outbox.park, id_)
            self._count("parked", due)
        else:
            await self._later(id_, due, None)

    async def _later(self, id_: int, due: Due, asked: float | None) -> None:
        now = datetime.now(UTC)
        if now - due.delivery.created_at > KEEP_TRYING and due.delivery.attempts >= LEAST_TRIES:
            await self._store.run(outbox.park, id_)
            self._count("parked", due)
            return
        wait = pause(due.delivery.attempts + 1, asked, _random)
        await self._store.run(outbox.later, id_, now + wait)
        self._count("later", due)

    def _count(self, result: str, due: Due) -> None:
        DELIVERIES.labels(result).inc()
        log.info("delivery.tried", result=result, type=due.delivery.type, attempts=due.delivery.attempts + 1)
