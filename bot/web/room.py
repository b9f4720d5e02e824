"""How much of what is sent to us may be in memory at once: the rest waits on its way, and is not refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES = 128 * 1024 * 1024
"""Of files; each is held some three times over while its turn is taken."""
MOST_WORDS_BYTES = 16 * 1024 * 1024
"""Of words: they have room of their own, so that slow files do not hold them up."""
LONGEST_SECONDS = 180.0
"""A link of 1.5 Mbit/s sends a file of 20 MB in less, sealed by the page (some 30 MB)."""


class Room:
    """Room for bodies."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Take how much there is."""
        self._most = self._free = most_bytes
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def held(self, request: Request, most: int) -> AsyncIterator[None]:
        """Hold room for a body of at most `most` bytes: as much as it says it has, else all that it may have.

        Raises:
            HTTPException: 408 if it takes too long, or there was no room for too long: send it again.
        """
        wanted = min(_announced(request, most), self._most)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                async with self._changed:
                    await self._changed.wait_for(lambda: self._free >= wanted)
                    self._free -= wanted
                try:
                    yield
                finally:
                    await self._give_back(wanted)
        except TimeoutError:
            raise HTTPException(408, "body: took too long; send it again") from None

    async def _give_back(self, size: int) -> None:
        self._free += size
        async with self._changed:
            self._changed.notify_all()


def _announced(request: Request, most: int) -> int:
    length = request.headers.get("content-length", "")
    return min(int(length), most) if length.isascii() and length.isdigit() else most
