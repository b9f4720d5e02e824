"""Messages and tickets a second of one replica and of two on one PostgreSQL, each a process of its own."""

import asyncio
import base64
import os
import sys
import time
from argparse import Namespace
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
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


async def measure(folder: Path, server: Postgres, options: Namespace, make: Make) -> dict[str, float]:
    """Give both rates of each kind and their ratio; in turns, since the machine is shared."""
    tickets = max(options.tickets, _LEAST)
    accepted = await _compared(lambda count: _accepting(server, options.seconds, count))
    worked = await _compared(lambda count: _rate(folder, server, tickets, make, count))
    return {
        "accepted_a_second_1_replica": accepted[0],
        "accepted_a_second_2_replicas": accepted[1],
        "accepted_2_replicas_to_1": round(accepted[1] / accepted[0], 2),
        "tickets_a_second_1_replica": worked[0],
        "tickets_a_second_2_replicas": worked[1],
        "tickets_2_replicas_to_1": round(worked[1] / worked[0], 2),
    }


async def _compared(rate: Callable[[int], Awaitable[float]]) -> tuple[float, float]:
    """Give the middle rate of one replica, and of two."""
    rates = [(await rate(1), await rate(2)) for _ in range(_REPEATS)]
    one, two = (sorted(column)[_REPEATS // 2] for column in zip(*rates, strict=True))
    return round(one, 1), round(two, 1)


async def _accepting(server: Postgres, seconds: float, replicas: int) -> float:
    """Let replicas accept at the same time; gives what they accept together."""
    url = server.new_database()
    command = (sys.executable, "-m", "bench.accepting", url, str(seconds))
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    processes = [await asyncio.create_subprocess_exec(*command, **pipes) for _ in range(replicas)]
    for process in processes:
        assert process.stdout  # noqa: S101 - as piped above
        await process.stdout.readline()
    said = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    return sum(float(out) for out, _ in said)


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
