"""Canaries: a report that nobody wrote, through every channel to the hotline's test intake, every few minutes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from bot.channels.channel import Channel
from bot.metrics import CANARY
from storage import canaries
from storage.store import Store

WORDS = "we are locked in Bavet, they will sell us tonight"
"""Urgent, so that it is filed at once and rests nowhere."""
MISSING_AFTER = 3
"""Intervals without an arrival: one may be lost to a restart."""

log = structlog.get_logger()

type Hand = Callable[[Channel, str, str], Awaitable[None]]
"""Hands an update with this id and these words in, as the channel's vendor does."""


class Canaries:
    """Sends them, and says which did not arrive."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], hand: Hand, every: timedelta) -> None:
        """Take where arrivals are noted, the channels, how an update is handed in, and how often."""
        self._store, self._channels, self._hand, self._every = store, channels, hand, every
        self._since = datetime.now(UTC)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            for channel in self._channels.values():
                await self._send(channel)
            await asyncio.sleep(self._every.total_seconds())
            await self._look()

    async def _send(self, channel: Channel) -> None:
        try:
            await self._hand(channel, uuid4().hex, WORDS)
        except Exception as error:  # noqa: BLE001 - that it did not go in is what it is for: it will be missing
            log.error("canary.not_taken", channel=channel.name, error=type(error).__name__)

    async def _look(self) -> None:
        try:
            last = await self._store.run(canaries.last)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("canary.not_seen", error=type(error).__name__)
            return
        for name in self._channels:
            age = datetime.now(UTC) - max(last.get(name, self._since), self._since)
            CANARY.labels(name).set(age.total_seconds())
            if age > MISSING_AFTER * self._every:
                log.error("canary.missing", channel=name, seconds=round(age.total_seconds()))
