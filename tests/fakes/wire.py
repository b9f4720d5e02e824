"""A line between a browser and the service, on which somebody listens: every byte that goes up is kept."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

_AT_ONCE = 1 << 16


@dataclass
class Wire:
    """Passes everything on, both ways."""

    port: int
    url: str = ""
    sent: bytearray = field(default_factory=bytearray)

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, here = await asyncio.open_connection("127.0.0.1", self.port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, here, self.sent))
                both.create_task(self._pass(there, writer, bytearray()))

    async def _pass(self, reader: StreamReader, writer: StreamWriter, kept: bytearray) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_AT_ONCE):
                kept += piece
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def listening_to(port: int) -> AsyncIterator[Wire]:
    """Listen between a free port and a service's."""
    wire = Wire(port)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()


def traces(places: Iterable[bytes], needles: Iterable[bytes]) -> list[bytes]:
    """Give the needles that stand anywhere."""
    held = list(places)
    return [needle for needle in needles if any(needle in place for place in held)]
