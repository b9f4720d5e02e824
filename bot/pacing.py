"""A loop that works off rows by their due time, several at once, and rests until the next."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog

from bot.errors import NotNow

LOOK_AGAIN = timedelta(seconds=5)
"""The longest rest, lest news of another process wait."""
_SHORTEST = timedelta(milliseconds=20)

log = structlog.get_logger()


class DueLoop[K]:
    """Starts what is due. Whatever happens to an attempt, its row stays until it is settled."""

    def __init__(
        self,
        ahead: Callable[[int], Awaitable[Iterable[tuple[K, datetime]]]],
        attempt: Callable[[K], Awaitable[object]],
        at_once: int,
    ) -> None:
        """Take how to find so many keys of what is due first and when, how to try one, and how many at once."""
        self._ahead, self._attempt, self._at_once = ahead, attempt, at_once
        self._news = asyncio.Event()
        self._under_way: dict[K, asyncio.Task[None]] = {}
        self._not_before: dict[K, datetime] = {}

    def wake(self) -> None:
        """Say that there is something new."""
        self._news.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._news.clear()
                try:
                    await self._rest(await self._start_due())
                except Exception as error:  # noqa: BLE001 - the database may be away for a while; the rows are still there
                    log.error("loop.failed", error=type(error).__name__)
                    await asyncio.sleep(LOOK_AGAIN.total_seconds())
        finally:
            for task in self._under_way.values():
                task.cancel()

    async def _start_due(self) -> datetime | None:
        """Start what is due, as far as there is room; give when the next is."""
        if len(self._under_way) >= self._at_once:
            return None
        ahead = await self._ahead(self._at_once * 2 + len(self._not_before))
        now = datetime.now(UTC)
        self._not_before = {id_: at for id_, at in self._not_before.items() if at > now}
        ahead = [(id_, max(due_at, self._not_before.get(id_, due_at))) for id_, due_at in ahead]
        for id_, due_at in ahead:
            if due_at <= now and id_ not in self._under_way and len(self._under_way) < self._at_once:
                self._under_way[id_] = asyncio.create_task(self._try(id_))
        return min((due_at for _, due_at in ahead if due_at > now), default=None)

    async def _try(self, id_: K) -> None:
        try:
            await self._attempt(id_)
        except NotNow as wish:
            self._not_before[id_] = datetime.now(UTC) + timedelta(seconds=wish.seconds)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("attempt.failed", error=type(error).__name__)
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
        finally:
            del self._under_way[id_]
            self._news.set()

    async def _rest(self, next_due: datetime | None) -> None:
        """Wait for news, the next due time, or a while."""
        until = next_due - datetime.now(UTC) if next_due else LOOK_AGAIN
        seconds = min(max(until, _SHORTEST), LOOK_AGAIN).total_seconds()
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return
