"""One reporter's updates in order, many reporters at once, the most urgent first."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from bot.model.codes import Lane

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
        self._line: asyncio.PriorityQueue[tuple[Lane, int, bytes]] = asyncio.PriorityQueue()
        self._lanes: dict[bytes, Lane] = {}  # of who is in line, having a turn, or resting
        self._places: dict[bytes, int] = {}  # in line: who moved up left others behind
        self._busy: set[bytes] = set()  # having a turn, or resting
        self._again: set[bytes] = set()  # woken while busy
        self._number = 0

    @property
    def is_behind(self) -> bool:
        """Whether more wait than can have a turn at once: only then does it matter who goes first."""
        return len(self._places) > self._at_once

    def wake(self, address_key: bytes, lane: Lane = Lane.NORMAL) -> None:
        """Say that a reporter has something new; in a better lane than before they move up."""
        known = self._lanes.get(address_key)
        if address_key in self._busy:
            self._again.add(address_key)
        if known is not None and known <= lane:
            return
        self._lanes[address_key] = lane
        if address_key not in self._busy:
            self._put(address_key)

    def slow(self, address_key: bytes) -> None:
        """Say that a reporter's flood has a turn: the rest of it waits behind everybody else, until better comes."""
        if address_key in self._lanes:
            self._lanes[address_key] = Lane.LOW_TRUST

    def _put(self, key: bytes) -> None:
        self._number += 1
        self._places[key] = self._number
        self._line.put_nowait((self._lanes[key], self._number, key))

    def wake_all(self, heads: Iterable[tuple[bytes, Lane]]) -> None:
        """Say so of many, the longest waiting first."""
        for key, lane in heads:
            self.wake(key, lane)

    async def run(self) -> None:
        """Take turns until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            _, place, key = await self._line.get()
            if self._places.get(key) != place:
                continue  # they moved up
            del self._places[key]
            self._busy.add(key)
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
        """Put a reporter with more to do at the end of their lane."""
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._back, key)
        elif seconds == 0 or key in self._again:
            self._back(key)
        else:
            self._busy.discard(key)
            del self._lanes[key]

    def _back(self, key: bytes) -> None:
        self._busy.discard(key)
        self._put(key)
