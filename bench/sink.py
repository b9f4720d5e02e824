"""A hotline's queue that takes everything and remembers when it came."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Sink:
    """When each ticket arrived, in monotonic seconds."""

    url: str = ""
    arrived: list[float] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Accept one event."""
        await request.read()
        self.arrived.append(time.perf_counter())
        self.changed.set()
        return web.Response(status=204)

    async def reached(self, count: int) -> None:
        """Wait until so many have arrived."""
        while len(self.arrived) < count:
            self.changed.clear()
            await self.changed.wait()


@asynccontextmanager
async def receiving() -> AsyncIterator[Sink]:
    """Run a sink on a free port of this machine."""
    sink = Sink()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/tickets", sink.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tickets"
    try:
        yield sink
    finally:
        await runner.cleanup()
