"""One reporter's updates in order, many reporters at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

AT_ONCE = 16
"""Turns under way: enough to keep the NLU server's batches full."""

_PAUSE_SECONDS = 5.0

log = structlog.get_logger()

type TakeNext = Callable[[bytes], Awaitable[float | None]]


class TurnLoop:
    """Gives each reporter with something to do one turn after the other; a flood from one delays nobody else."""

    def __init__(self, take_next: TakeNext, at_once: int = AT_ONCE) -> None:
        """Take what works off a reporter's oldest update, and how many at once."""
        self._take_next, self._at_once = take_next, at_once
        self._line: asyncio.Queue[bytes] = asyncio.Queue()
        self._known: set[bytes] = set()  # in line, or having a turn
        self._again: set[bytes] = set()  # woken while having a turn

    def wake(self, address_key: bytes) -> None:
        """Say that a reporter has something new."""
        if address_key in self._known:
            self._again.add(address_key)
            return
        self._known.add(address_key)
        self._line.put_nowait(address_key)

    def wake_all(self, address_keys: Iterable[bytes]) -> None:
        """Say so of many, the longest waiting first."""
        for key in address_keys:
            self.wake(key)

    async def run(self) -> None:
        """Take turns until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self._line.get()
            self._again.discard(key)
            self._settle(key, await self._taken(key))

    async def _taken(self, key: bytes) -> float | None:
        """Take a turn; where even failing failed, as it does without a database, look at this reporter again later."""
        try:
            return await self._take_next(key)
        except Exception as error:  # noqa: BLE001 - the updates are stored: nothing is lost by waiting
            log.error("turn.not_settled", error=type(error).__name__)
            return _PAUSE_SECONDS

    def _settle(self, key: bytes, seconds: float | None) -> None:
        """Put a reporter with more to do at the end of the line."""
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._line.put_nowait, key)
        elif seconds == 0 or key in self._again:
            self._line.put_nowait(key)
        else:
            self._known.discard(key)
