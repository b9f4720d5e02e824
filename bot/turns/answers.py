"""Waits for what a turn says, where the reporter's side asks for it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from bot.channels.channel import Accept, Channel
from storage import replies, sessions
from storage.replies import Spoken
from storage.store import Store

_LOOK_SECONDS = 1.0
"""How often the database is asked meanwhile: another process may have taken the turn."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Where a chat stands: the question that waits for an answer, and whether it plays the harmless assistant."""

    question: str | None = None
    is_hidden: bool = False


class Answers:
    """Hands an update in and gives what was said to it; the same update again gives the same answer."""

    def __init__(self, store: Store, accept: Accept, limit: timedelta) -> None:
        """Take where replies are, what stores updates, and how long to wait for a turn."""
        self._store, self._accept, self._limit = store, accept, limit
        self._waiting: dict[tuple[str, str], asyncio.Event] = {}

    def done(self, channel: str, cause: str) -> None:
        """Hear that an update was worked off."""
        if event := self._waiting.get((channel, cause)):
            event.set()

    async def answer(self, channel: Channel, raw: bytes) -> Spoken | None:
        """Hand an update in; None if its turn takes longer than the limit: it is stored, ask again with the same id."""
        cause = channel.envelope(raw).dedupe
        event = self._waiting.setdefault((channel.name, cause), asyncio.Event())
        try:
            await self._accept(channel, [raw])
            async with asyncio.timeout(self._limit.total_seconds()):
                return await self._said(channel.name, cause, event)
        except TimeoutError:
            return None
        finally:
            self._waiting.pop((channel.name, cause), None)

    async def waits(self, said: Spoken) -> Waits:
        """Say where the chat of a reply stands now: not every reply asks, and what was asked before still waits."""
        try:
            held = await self._store.run(sessions.load, said.address_key)
        except ValidationError:
            return Waits()
        if held is None or held.session.hidden:
            return Waits(is_hidden=held is not None)
        return Waits(held.session.pending)

    async def _said(self, channel: str, cause: str, event: asyncio.Event) -> Spoken:
        while True:
            if spoken := await self._store.run(replies.of_cause, channel, cause):
                return spoken
            await _either(event, _LOOK_SECONDS)


async def _either(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
    event.clear()
