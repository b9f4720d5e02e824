"""Accepted messages a second, and time from message to ticket at a hotline, beside bare SQLite commits in the same run.

`uv run python -m bench.throughput [--seconds 10] [--tickets 200] [--quick]`. Nothing understands but the word lists.
"""

import argparse
import asyncio
import base64
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from bench.machine import machine, percentile
from bench.sink import Sink, receiving
from bot import logs
from bot.channels.channel import Channel
from bot.channels.pulled import pack
from bot.service import Service
from bot.settings import Settings
from bot.state import new_private_key, public_key
from storage.opening import open_engine

AT_ONCE = 16
WORDS = "they will sell us tonight, 12 people in Bavet, passports taken"
_ROW_BYTES = 400
_NOBODY = "http://127.0.0.1:9"


def bare_commits(folder: Path, seconds: float) -> float:
    """Commit one row at a time in one thread, with the same safety; gives commits a second."""
    engine = open_engine(f"sqlite:///{folder / 'bare.sqlite'}", b"k" * 32)
    raw = engine.raw_connection().driver_connection
    assert raw  # noqa: S101 - just opened
    raw.execute("CREATE TABLE held (id INTEGER PRIMARY KEY, body BLOB)")
    body, count, end = os.urandom(_ROW_BYTES), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO held (body) VALUES (?)", (body,))
        raw.execute("COMMIT")
        count += 1
    return count / seconds


def message(channel: Channel) -> bytes:
    """Make an update of a reporter who never wrote before."""
    user = uuid4().hex
    return pack(user, f"{user}:{channel.name}", {"text": WORDS})


async def accepted(service: Service, writers: int, seconds: float) -> float:
    """Store messages from several writers at once, no turn taken; gives messages a second."""
    channel, end = service.channels["web"], time.perf_counter() + seconds
    count = 0

    async def write() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await service.reception.accept(channel, [message(channel)])
            count += 1

    await asyncio.gather(*(write() for _ in range(writers)))
    return count / seconds


async def to_ticket(service: Service, sink: Sink, tickets: int) -> list[float]:
    """Send one message after the other, each when the last one's ticket is there; gives seconds of each."""
    channel, took = service.channels["web"], []
    for _ in range(tickets):
        before, start = len(sink.arrived), time.perf_counter()
        await service.reception.accept(channel, [message(channel)])
        await sink.reached(before + 1)
        took.append(sink.arrived[-1] - start)
    return took


async def flood(service: Service, sink: Sink, tickets: int) -> float:
    """Hand in many at once; gives tickets a second at the sink."""
    channel, before, start = service.channels["web"], len(sink.arrived), time.perf_counter()
    for begin in range(0, tickets, AT_ONCE):
        some = min(AT_ONCE, tickets - begin)
        await asyncio.gather(*(service.reception.accept(channel, [message(channel)]) for _ in range(some)))
    await sink.reached(before + tickets)
    return tickets / (time.perf_counter() - start)


def settings(folder: Path, sink: Sink) -> Settings:
    """Give a service that delivers to the sink."""
    return Settings(
        state_dir=folder,
        hotline_url=sink.url,
        hotline_secret="whsec_" + base64.b64encode(b"x" * 32).decode(),
        hotline_keys=public_key(new_private_key()),
        nlu_url=_NOBODY,
        delay_seconds=0,
    )


async def with_service[R](folder: Path, work: Callable[[Service, Sink], Awaitable[R]], *, turns: bool) -> R:
    """Run a piece of work beside a service of its own."""
    async with receiving() as sink, Service(settings(folder, sink)) as service:
        running = asyncio.create_task(service.run()) if turns else None
        try:
            return await work(service, sink)
        finally:
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def measure(folder: Path, seconds: float, tickets: int) -> dict[str, float]:
    """Take every figure, each on a database of its own."""
    bare = bare_commits(folder, seconds)
    one = await with_service(folder / "1", lambda service, _: accepted(service, 1, seconds), turns=False)
    many = await with_service(folder / "2", lambda service, _: accepted(service, AT_ONCE, seconds), turns=False)
    took = await with_service(folder / "3", lambda s, sink: to_ticket(s, sink, tickets), turns=True)
    rate = await with_service(folder / "4", lambda s, sink: flood(s, sink, tickets), turns=True)
    return {
        "bare_commits_a_second": round(bare),
        "accepted_a_second_1_writer": round(one),
        "accepted_a_second_16_writers": round(many),
        "accepted_to_bare_16_writers": round(many / bare, 2),
        "message_to_ticket_ms_p50": round(percentile(took, 0.5) * 1000, 1),
        "message_to_ticket_ms_p99": round(percentile(took, 0.99) * 1000, 1),
        "tickets_a_second": round(rate, 1),
    }


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each rate")
    parser.add_argument("--tickets", type=int, default=500, help="for times to the hotline")
    parser.add_argument("--quick", action="store_true", help="under a minute")
    options = parser.parse_args()
    logs.set_up(level=40)
    seconds, tickets = (2.0, 100) if options.quick else (options.seconds, options.tickets)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        figures = asyncio.run(measure(Path(folder), seconds, tickets))
    print(json.dumps({"bench": "throughput", **figures, "machine": machine()}))


if __name__ == "__main__":
    main()
