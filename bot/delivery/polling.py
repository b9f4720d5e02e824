"""When which ticket is worked on: what is due is looked up. On PostgreSQL only what no job called for in time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
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
        self._loop = DueLoop[UUID](self._ahead, work, AT_ONCE)
        self.wake, self.run = self._loop.wake, self._loop.run

    async def _ahead(self, most: int) -> Sequence[tuple[UUID, datetime]]:
        ahead = await self._store.run(outbox.ahead, most)
        return [(ticket_id, due_at + self._lag) for ticket_id, due_at in ahead]
