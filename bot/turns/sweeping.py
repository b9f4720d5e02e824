"""What falls due by time alone: reports whose reporter fell silent are filed, what has had its time is deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.errors import SessionMoved
from bot.interview.closing import fall_silent
from bot.metrics import WAITING
from bot.turns.effects import of_deadline
from bot.turns.hearing import DELETABLE
from storage import inbox, outbox, receipts, replies, sessions, turn
from storage.sessions import Held
from storage.store import Store

SEEN_KEPT = timedelta(days=8)
"""Longer than any channel delivers an update again (seven days, WhatsApp)."""
TRIES_KEPT = timedelta(days=1)
_EVERY_SECONDS = 5.0
_CLEAN_EVERY = timedelta(hours=1)

log = structlog.get_logger()


class Sweeper:
    """Looks every few seconds."""

    def __init__(
        self, store: Store, silence: timedelta, filed: Callable[[], None], give: Callable[[datetime], Awaitable[None]]
    ) -> None:
        """Take where deadlines stand, how long quiet lasts, whom to tell of filing, and what gives letters."""
        self._store, self._silence, self._filed, self._give = store, silence, filed, give
        self._clean_at = datetime.now(UTC)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self._sweep(datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - deadlines stand in the database: the next sweep finds them
                log.error("sweep.failed", error=type(error).__name__)
            await asyncio.sleep(min(_EVERY_SECONDS, self._silence.total_seconds()))

    async def _sweep(self, now: datetime) -> None:
        for held in await self._store.run(sessions.silent, now):
            await self._file(held, now)
        await self._give(now)
        await self._count()
        if now >= self._clean_at:
            await self._clean(now)
            self._clean_at = now + _CLEAN_EVERY

    async def _file(self, held: Held, now: datetime) -> None:
        """File without a byte to the reporter; if they write at this moment, their turn goes first."""
        written = of_deadline(held, fall_silent(held.session), now)
        try:
            await self._store.run(turn.commit, written, now)
        except SessionMoved:
            return
        self._filed()
        log.info("report.filed_in_silence", channel=held.session.channel)

    async def _clean(self, now: datetime) -> None:
        while await self._store.run(sessions.purge, now):
            continue
        await self._store.run(sessions.forget_withdrawn)
        await self._store.run(inbox.forget_seen, now - SEEN_KEPT)
        await self._store.run(replies.forget, now - SEEN_KEPT)
        await self._store.run(sessions.forget_shown, now - DELETABLE)
        await self._store.run(receipts.forget, now - TRIES_KEPT)

    async def _count(self) -> None:
        for queue, size in (("inbox", inbox.size), ("outbox", outbox.size)):
            waiting, parked = await self._store.run(size)
            WAITING.labels(queue).set(waiting)
            WAITING.labels(queue + "_parked").set(parked)
