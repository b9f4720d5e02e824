"""A vendor that takes our calls and never answers keeps nobody on another network waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.vendors.table import FAKES, answering
from tests.running import Running, eventually

WAITING = 60
"""Reporters on the network that hangs: more than are spoken to at once."""


@asynccontextmanager
async def hanging() -> AsyncIterator[str]:
    """Take connections, and say nothing."""

    async def take(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_who_writes_on_another_network_is_answered(tmp_path: Path, to_hotline: dict[str, str]) -> None:
    async with answering(FAKES["whatsapp"]()) as stuck, answering(FAKES["line"]()) as well, hanging() as nowhere:
        settings = {**to_hotline, **stuck.settings, **well.settings, "whatsapp_api_url": nowhere}
        service = Running(tmp_path / "state", by_webhook=True, **settings)
        for fake in (stuck, well):
            fake.webhook_url = f"{service.url}/{fake.name}/webhook"
        async with service:
            await asyncio.gather(*(stuck.person().say("we are locked in Bavet") for _ in range(WAITING)))
            await asyncio.sleep(3)
            person, begun = well.person(), time.monotonic()
            await person.say("we are locked in Bavet")
            await eventually(lambda: person.seen)

            assert time.monotonic() - begun < 10
