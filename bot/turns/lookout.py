"""Finds updates that nobody works on: their replica died, or the word of them was lost."""

import asyncio
from collections.abc import Callable

import structlog

from bot.model.codes import Lane
from storage import inbox
from storage.store import Store

_EVERY_SECONDS = 5.0
_MOST = 1_000

log = structlog.get_logger()


class Lookout:
    """Every replica looks for itself; which one takes a turn, claims decide."""

    def __init__(self, store: Store, wake: Callable[[bytes, Lane], None]) -> None:
        """Take where updates wait, and whom to tell of a reporter."""
        self._store, self._wake = store, wake
        self._before: frozenset[int] = frozenset()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the database may be away; the next look finds what this would
                log.error("lookout.failed", error=type(error).__name__)

    async def _look(self) -> None:
        """Wake who had the same oldest update at the last look: counted in looks, for clocks may differ."""
        heads = await self._store.run(inbox.heads, _MOST)
        for head in heads:
            if head.id in self._before:
                self._wake(head.address_key, head.lane)
        self._before = frozenset(head.id for head in heads)
