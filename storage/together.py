"""Group commit: updates that come while a transaction runs share the next one."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from storage import inbox
from storage.inbox import Arrival
from storage.journal import Journal
from storage.store import Store

MOST = 200
"""Updates in one transaction."""

type _Waiting = tuple[Sequence[Arrival], asyncio.Future[Sequence[Arrival]]]


class Together:
    """Stores updates; each call returns when its own are durable."""

    def __init__(self, store: Store, journal: Journal | None = None) -> None:
        """Take the store, and a second place for what arrives, if there is one."""
        self._store, self._journal = store, journal
        self._waiting: list[_Waiting] = []
        self._running: asyncio.Task[None] | None = None

    async def put(self, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        """Keep what was not seen before, and give it; raises what the database raises, and nothing is kept then."""
        future: asyncio.Future[Sequence[Arrival]] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, future))
        if self._running is None:
            self._running = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._commit(group)
        finally:
            self._running = None

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        """Commit a group; if that fails, each by itself, so that one bad update fails nobody else's."""
        try:
            kept = await self._kept([one for arrivals, _ in group for one in arrivals])
        except Exception as error:  # noqa: BLE001 - each caller gets it
            if len(group) > 1 and isinstance(error, SQLAlchemyError):
                for one in group:
                    await self._commit([one])
                return
            for _, future in group:
                _settle(future, error)
            return
        new = set(map(id, kept))
        for arrivals, future in group:
            _settle(future, [one for one in arrivals if id(one) in new])

    async def _kept(self, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        if self._journal:
            await asyncio.to_thread(self._journal.append, arrivals)
        return await self._store.run(inbox.put, arrivals, datetime.now(UTC))


def _settle(future: asyncio.Future[Sequence[Arrival]], result: Sequence[Arrival] | Exception) -> None:
    if future.done():
        return  # whoever asked has gone
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
