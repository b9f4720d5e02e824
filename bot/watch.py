"""Asks every outside part and every channel's vendor once a minute, for the metrics and their alarms."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.channels.channel import Channel
from bot.metrics import CHANNEL_PENDING, CHANNEL_UP, PART_UP
from bot.web.health import Parts

_EVERY_SECONDS = 60.0

log = structlog.get_logger()


class Watch:
    """Looks until cancelled."""

    def __init__(self, parts: Parts, channels: Mapping[str, Channel], every_seconds: float = _EVERY_SECONDS) -> None:
        """Take what to ask."""
        self._parts, self._channels, self._every_seconds = parts, channels, every_seconds

    async def run(self) -> None:
        """Ask again and again."""
        while True:
            for name, answers in self._parts.items():
                await self._ask_part(name, answers)
            for name, channel in self._channels.items():
                await self._ask_channel(name, channel)
            await asyncio.sleep(self._every_seconds)

    async def _ask_part(self, name: str, answers: Callable[[], Awaitable[bool]]) -> None:
        try:
            PART_UP.labels(name).set(await answers())
        except Exception as error:  # noqa: BLE001 - a part that cannot even be asked is down
            PART_UP.labels(name).set(0)
            log.error("part.down", part=name, error=type(error).__name__)

    async def _ask_channel(self, name: str, channel: Channel) -> None:
        try:
            health = await channel.health()
        except Exception as error:  # noqa: BLE001 - an answer in no form that anybody knows: the channel is not well
            CHANNEL_UP.labels(name).set(0)
            log.error("channel.down", channel=name, error=type(error).__name__)
            return
        CHANNEL_UP.labels(name).set(health.fault is None)
        CHANNEL_PENDING.labels(name).set(health.pending)
        if health.fault:
            log.error("channel.down", channel=name, kind=health.fault.name.lower(), count=health.pending)
