"""What falls due by time alone: reports whose reporter fell silent are filed, what has had its time is deleted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection

from bot.clock import JUMP, Clock
from bot.errors import SessionMoved
from bot.interview.closing import fall_silent
from bot.turns.effects import of_deadline
from bot.turns.hearing import DELETABLE
from bot.turns.times import Rules, Times
from storage import clocks, inbox, marks, outbox, receipts, replies, sessions, turn
from storage.sessions import Held
from storage.store import Store

SEEN_KEPT = timedelta(days=8)
"""Longer than any channel delivers an update again (seven days, WhatsApp)."""
TRIES_KEPT = timedelta(days=1)
MISSING = timedelta(seconds=15)
"""Three sweeps."""
LONGEST_PAUSE = timedelta(hours=1)
"""Neither a hotline nor a channel is heeded that asks for more."""
_EVERY_SECONDS = 5.0
_CLEAN_EVERY = timedelta(hours=1)
_BREATH_SECONDS = 0.05
"""Between two deletes of some rows: turns go on meanwhile."""

log = structlog.get_logger()

type Forget = Callable[[Connection], bool]


class Sweeper:
    """Looks every few seconds."""

    def __init__(
        self, store: Store, rules: Rules, filed: Callable[[], None], give: Callable[[datetime], Awaitable[None]]
    ) -> None:
        """Take where deadlines stand, the rules, whom to tell of filing, and what gives letters."""
        self._store, self._rules, self._filed, self._give = store, rules, filed, give
        self._clock = Clock()
        self._clean_at = datetime.now(UTC)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(min(_EVERY_SECONDS, self._rules.silence.total_seconds()))

    async def stand_in(self) -> None:
        """Sweep until cancelled whenever whoever should has not swept for a while."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            if await self._is_missing():
                await self.sweep()

    async def _is_missing(self) -> bool:
        try:
            swept = (await self._store.run(marks.all_of)).get(marks.SWEEP)
        except Exception as error:  # noqa: BLE001 - the database may be away; the next look tells
            log.error("sweep.not_seen", error=type(error).__name__)
            return False
        return swept is None or abs(datetime.now(UTC) - swept) > MISSING

    async def sweep(self) -> None:
        """Sweep once; never raises."""
        try:
            await self._sweep(datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - deadlines stand in the database: the next sweep finds them
            log.error("sweep.failed", error=type(error).__name__)

    async def _sweep(self, now: datetime) -> None:
        if self._clock.has_jumped():
            log.error("clock.jumped")
        swept = (await self._store.run(marks.all_of)).get(marks.SWEEP, now)
        if moved := await self._store.run(clocks.pull_in, now, self._longest(went_back=swept - now > JUMP)):
            log.warning("deadlines.pulled_in", count=moved)
            self._filed()
        while silent := await self._store.run(sessions.silent, now):
            for held in silent:
                await self._file(held, now)
        await self._give(now)
        if now >= self._clean_at and self._clock.is_steady():
            await self._clean(now)
            self._clean_at = now + _CLEAN_EVERY
        await self._store.run(marks.put, marks.SWEEP, now)

    def _longest(self, *, went_back: bool) -> dict[str, timedelta]:
        """Say how far ahead each deadline may honestly stand.

        After a sweep of the future the clock has gone back, and no delivery's time can be believed: try them now.
        """
        return {
            "silence": self._rules.silence,
            "acknowledgement": self._rules.acknowledgement,
            "retention": self._rules.retention,
            "lock": receipts.LONGEST_LOCK,
            "delivery": timedelta() if went_back else max(LONGEST_PAUSE, self._rules.delay * 2),
            "reply": LONGEST_PAUSE,
        }

    async def _file(self, held: Held, now: datetime) -> None:
        """File without a byte to the reporter; if they write at this moment, their turn goes first."""
        written = of_deadline(held, fall_silent(held.session), Times(now, self._rules))
        try:
            await self._store.run(turn.commit, written, now)
        except SessionMoved:
            return
        self._filed()
        log.info("report.filed_in_silence", channel=held.session.channel)

    async def _clean(self, now: datetime) -> None:
        """Delete what has had its time, some rows at a time."""
        for forget in self._forgets(now):
            while await self._store.run(forget):  # noqa: ASYNC110 - nobody tells when there is nothing left
                await asyncio.sleep(_BREATH_SECONDS)
        await asyncio.to_thread(self._store.scrub)
        await asyncio.to_thread(self._store.vacuum)

    def _forgets(self, now: datetime) -> tuple[Forget, ...]:
        return (
            lambda db: bool(sessions.purge(db, now)),
            lambda db: bool(outbox.forget_accepted(db)),
            lambda db: inbox.forget_seen(db, now - SEEN_KEPT),
            lambda db: replies.forget(db, now - SEEN_KEPT),
            lambda db: sessions.forget_shown(db, now - DELETABLE),
            lambda db: receipts.forget(db, now - TRIES_KEPT),
        )
