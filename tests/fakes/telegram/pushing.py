"""Webhook deliveries: in order for each key, the head of a line until it gets its 2xx, with pauses that double."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

import aiohttp

from tests.fakes.telegram.updates import Waiting

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

LONGEST_PAUSE_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.25
"""The real server's first retry is immediate, then two seconds; shortened so that tests are not kept waiting."""


class Pusher:
    def __init__(self, server: "FakeTelegram") -> None:
        self._server = server
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
            while True:
                if self._server.webhook:
                    self._start(http)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._server.updates.changed.wait(), 0.05)
                self._server.updates.changed.clear()

    def _start(self, http: aiohttp.ClientSession) -> None:
        for waiting in self._heads():
            task = self._busy.get(waiting.key)
            if task is None or task.done():
                self._busy[waiting.key] = asyncio.create_task(self._push(http, waiting))

    def _heads(self) -> list[Waiting]:
        heads: dict[str, Waiting] = {}
        for waiting in self._server.updates.waiting:
            heads.setdefault(waiting.key, waiting)
        return list(heads.values())

    async def _push(self, http: aiohttp.ClientSession, waiting: Waiting) -> None:
        if not await self._is_taken(http, waiting):
            pause = min(_FIRST_PAUSE_SECONDS * 2**waiting.tries, LONGEST_PAUSE_SECONDS)
            waiting.tries += 1
            await asyncio.sleep(pause)
        elif waiting in self._server.updates.waiting:
            self._server.updates.waiting.remove(waiting)
        self._server.updates.changed.set()

    async def _is_taken(self, http: aiohttp.ClientSession, waiting: Waiting) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._server.secret} if self._server.secret else {}
        try:
            async with http.post(self._server.webhook, json=waiting.update, headers=headers) as response:
                self._server.pushed.append(response.status)
                return 200 <= response.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
