"""Reading what is sent to our Signal number, and storing it as it comes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.channels.channel import Accept
from bot.channels.items import pack
from bot.channels.signal.reading import outer
from bot.channels.signal.vendor import Signal, frame
from bot.channels.vended import Vended
from bot.errors import UpdateError

_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_PING_SECONDS = 10.0
"""So often the line is tried; when as long again brings no answer, it is dead."""
_LEAVE_SECONDS = 2.0
_LAST_SECONDS = 5.0
"""So long the program, when it is stopped, still tries to store what was read."""
_MOST_BYTES = 16 * 1024 * 1024
"""Of one envelope; a text is 64 kB at most, and files are not in it."""

log = structlog.get_logger()


class SignalChannel(Vended):
    """One number, and the reading of what is sent to it."""

    vendor: Signal

    async def listen(self, accept: Accept) -> None:
        """Store what comes as it comes, in order, until cancelled; what was read is stored, whoever ends us.

        Every replica listens: each gets its own copy, of which one is kept by its id, and what is sent while nobody
        listens is lost.
        """
        pause = _PAUSE_SECONDS
        while True:
            try:
                async with self._socket() as socket:
                    log.info("signal.listening")
                    pause = _PAUSE_SECONDS
                    await self._store_all(socket, accept)
            except (OSError, ValueError, WebSocketException) as error:  # ValueError: of an address that is none
                log.warning("signal.away", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _socket(self) -> connect:
        """Open the socket. It is read without end while we store: the API drops what is not read at once."""
        return connect(
            self.vendor.socket_url,
            max_queue=None,
            max_size=_MOST_BYTES,
            ping_interval=_PING_SECONDS,
            ping_timeout=_PING_SECONDS,
            close_timeout=_LEAVE_SECONDS,
            compression=None,
            proxy=None,
        )

    async def _store_all(self, socket: ClientConnection, accept: Accept) -> None:
        try:
            while True:
                await self._insist(await socket.recv(decode=False), accept)
        except asyncio.CancelledError:
            await _for_a_moment(self._store_rest(socket, accept))
            raise

    async def _store_rest(self, socket: ClientConnection, accept: Accept) -> None:
        async for raw in _rest(socket):
            await self._stored(raw, accept)

    async def _insist(self, raw: bytes, accept: Accept) -> None:
        """Store until it is stored; who stops the program waits for one more try."""
        try:
            while True:
                if await self._stored(raw, accept):
                    return
                await asyncio.sleep(_PAUSE_SECONDS)
        except asyncio.CancelledError:
            await _for_a_moment(self._stored(raw, accept))
            raise

    async def _stored(self, raw: bytes, accept: Accept) -> bool:
        raws = self._packed(raw)
        if not raws:
            return True
        try:
            await accept(self, raws)
        except Exception as error:  # noqa: BLE001 - the webhook loop's twin: nothing that was read may be dropped
            log.warning("signal.not_stored", error=type(error).__name__)
            return False
        return True

    def _packed(self, raw: bytes) -> list[bytes]:
        try:
            items = self.vendor.items(frame(raw))
            if not items and "exception" in outer(raw):
                log.warning("signal.not_opened")  # signal-cli does not trust the key, or has none that fits
        except UpdateError:
            log.warning("signal.unreadable")
            return []
        return [pack(item) for item in items]


async def _for_a_moment(work: Coroutine[Any, Any, object]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(work, _LAST_SECONDS)


async def _rest(socket: ClientConnection) -> AsyncIterator[bytes]:
    """Hang up, and give what came before."""
    await socket.close()
    with suppress(ConnectionClosed):
        while True:
            yield await socket.recv(decode=False)
