"""When which ticket is worked on: what is due is looked up. On PostgreSQL only what no job called for in time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.pacing import DueLoop
from storage import outbox
from storage.store import Store

AT_ONCE = 8


class Polling:
    """Reads the outbox itself."""

    def __init__(
        self, store: Store, work: Callable[[UUID], Awaitable[datetime | None]], lag: timedelta = timedelta()
    ) -> None:
        """Take the outbox's store, what works a ticket off, and how long after its time one is looked at."""
        self._store, self._lag = store, lag
        self._loop = DueLoop[UUID](self._due, self._next_due, work, AT_ONCE)
        self.wake, self.run = self._loop.wake, self._loop.run

    async def _due(self) -> Sequence[UUID]:
        return await self._store.run(outbox.due, datetime.now(UTC) - self._lag, AT_ONCE * 2)

    async def _next_due(self) -> datetime | None:
        next_due = await self._store.run(outbox.next_due)
        return next_due + self._lag if next_due else None
