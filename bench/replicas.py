"""Tickets a second of one replica and of two on one PostgreSQL, each a process, fed before they start."""

import asyncio
import base64
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from bench.sink import Sink, receiving
from bot.channels.pulled import pack
from bot.service import Service
from bot.settings import Settings
from tests.fakes.postgres import Postgres

WORDS = "they will sell us tonight, 12 people in Bavet, passports taken"
_REPEATS = 3
_LEAST = 1_000

type Make = Callable[[Path, str, str | None], Settings]


async def measure(folder: Path, server: Postgres, tickets: int, make: Make) -> dict[str, float]:
    """Give both rates and their ratio; in turns, since the machine is shared."""
    one: list[float] = []
    two: list[float] = []
    for _ in range(_REPEATS):
        one.append(await _rate(folder, server, max(tickets, _LEAST), make, 1))
        two.append(await _rate(folder, server, max(tickets, _LEAST), make, 2))
    first, second = sorted(one)[_REPEATS // 2], sorted(two)[_REPEATS // 2]
    return {
        "tickets_a_second_1_replica": round(first, 1),
        "tickets_a_second_2_replicas": round(second, 1),
        "2_replicas_to_1": round(second / first, 2),
    }


async def _rate(folder: Path, server: Postgres, tickets: int, make: Make, replicas: int) -> float:
    """Let replicas work off an inbox that was filled before; from the first ticket to the last."""
    async with receiving() as sink:
        wanted = make(folder / uuid4().hex, sink.url, server.new_database())
        async with Service(wanted) as service:
            channel = service.channels["web"]
            for _ in range(tickets):
                user = uuid4().hex
                await service.reception.accept(channel, [pack(user, f"{user}:1", {"text": WORDS})])
            key = service.key
        processes = [await _start(wanted, key) for _ in range(replicas)]
        try:
            return await _measured(sink, tickets)
        finally:
            for process in processes:
                process.kill()
                await process.wait()


async def _measured(sink: Sink, tickets: int) -> float:
    """Measure the middle: until all replicas work, and after one has run dry, the rate is of fewer."""
    await sink.reached(tickets // 5)
    start = time.perf_counter()
    await sink.reached(tickets * 4 // 5)
    return (tickets * 4 // 5 - tickets // 5) / (time.perf_counter() - start)


async def _start(wanted: Settings, key: bytes) -> Process:
    assert wanted.database_url  # noqa: S101 - as made above
    assert wanted.hotline_secret  # noqa: S101 - as made above
    own = {
        "STATE_DIR": str(wanted.state_dir),
        "DATABASE_URL": wanted.database_url.get_secret_value(),
        "DATA_KEY": base64.b64encode(key).decode(),
        "HOTLINE_URL": wanted.hotline_url or "",
        "HOTLINE_SECRET": wanted.hotline_secret.get_secret_value(),
        "HOTLINE_KEYS": wanted.hotline_keys or "",
        "NLU_URL": wanted.nlu_url or "",
        "HTTP_PORT": "0",
        "DELAY_SECONDS": "0",
    }
    environment = {**os.environ, **{f"QUIETLINE_{name}": value for name, value in own.items()}}
    command = Path(sys.executable).with_name("quietline")
    nowhere = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(command, "run", env=environment, stdout=nowhere, stderr=nowhere)
