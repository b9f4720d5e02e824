"""A wire between a service and PostgreSQL that can be cut, or go silent without anybody being told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.running import free_port

_CHUNK_BYTES = 65536


class Proxy:
    """Passes bytes on, both ways."""

    def __init__(self, to_port: int) -> None:
        """Take where to."""
        self.port, self._to_port = free_port(), to_port
        self._open, self._is_cut = asyncio.Event(), False
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Close everything, and refuse what comes."""
        self._is_cut = True
        self._abort()

    def hold(self) -> None:
        """Let nothing through, and say nothing."""
        self._open.clear()

    def mend(self, *, forget: bool = False) -> None:
        """Be a wire again. What was held goes on, or is gone as after a router's restart."""
        if forget:
            self._abort()
        self._is_cut = False
        self._open.set()

    def _abort(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one caller through."""
        if self._is_cut:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            await self._open.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
            self._writers.add(far_writer)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, far_writer))
                group.create_task(self._pass(far_reader, writer))
            self._writers.discard(far_writer)
        except* OSError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(_CHUNK_BYTES):
                await self._open.wait()
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort() if self._is_cut else writer.close()


@asynccontextmanager
async def passing(to_port: int) -> AsyncIterator[Proxy]:
    """Run a proxy on a free port of this machine."""
    proxy = Proxy(to_port)
    server = await asyncio.start_server(proxy.take, "127.0.0.1", proxy.port)
    try:
        yield proxy
    finally:
        proxy.cut()
        server.close()
