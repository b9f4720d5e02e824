"""When which ticket is worked on, on SQLite: whatever is due is looked up, and the rest waits for its time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from bot.pacing import DueLoop
from storage import outbox
from storage.store import Store

AT_ONCE = 8


class Polling:
    """Reads the outbox itself."""

    def __init__(self, store: Store, work: Callable[[UUID], Awaitable[datetime | None]]) -> None:
        """Take the outbox's store, and what works a ticket off."""
        self._store = store
        self._loop = DueLoop[UUID](self._due, self._next_due, work, AT_ONCE)
        self.wake, self.run = self._loop.wake, self._loop.run

    async def _due(self) -> Sequence[UUID]:
        return await self._store.run(outbox.due, datetime.now(UTC), AT_ONCE * 2)

    async def _next_due(self) -> datetime | None:
        return await self._store.run(outbox.next_due)
