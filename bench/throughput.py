"""Accepted messages a second, and time from message to ticket at a hotline, beside bare commits in the same run.

`uv run python -m bench.throughput [--store both] [--seconds 10] [--tickets 500] [--quick]`. Nothing understands but the
word lists. On PostgreSQL also what two replicas do beside one, each a process of its own.
"""

import argparse
import asyncio
import base64
import json
import os
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import Engine

from bench import replicas
from bench.machine import machine, percentile
from bench.sink import Sink, receiving
from bot import logs
from bot.channels.channel import Channel
from bot.channels.pulled import pack
from bot.service import Service
from bot.settings import Settings
from bot.state import new_private_key, public_key
from storage.opening import open_engine
from tests.fakes import postgres as postgreses
from tests.fakes.postgres import Postgres

AT_ONCE = 16
WORDS = "they will sell us tonight, 12 people in Bavet, passports taken"
SLICES = 10
_ROW_BYTES = 400
_MOST_A_SECOND = 10_000
"""Messages that are made beforehand; nobody takes more."""
_NOBODY = "http://127.0.0.1:9"


def bare_table(engine: Engine) -> None:
    """Make the table that bare commits go to."""
    with engine.begin() as db:
        kind = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
        identity = "BIGSERIAL" if engine.dialect.name == "postgresql" else "INTEGER"
        db.exec_driver_sql(f"CREATE TABLE held (id {identity} PRIMARY KEY, body {kind})")


def bare_commits(engine: Engine, writers: int, seconds: float) -> float:
    """Commit one row at a time from some connections, through the bare driver; gives commits a second."""
    counts: list[int] = []
    threads = [threading.Thread(target=_commit, args=(engine, seconds, counts)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _commit(engine: Engine, seconds: float, counts: list[int]) -> None:
    raw = engine.raw_connection().driver_connection
    assert raw  # noqa: S101 - just opened
    is_sqlite = engine.dialect.name == "sqlite"
    if not is_sqlite:
        raw.autocommit = True
    insert = "INSERT INTO held (body) VALUES (?)" if is_sqlite else "INSERT INTO held (body) VALUES (%s)"
    body, count, end = os.urandom(_ROW_BYTES), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        raw.execute(insert, (body,))
        count += 1
    counts.append(count)


def message(channel: Channel) -> bytes:
    """Make an update of a reporter who never wrote before."""
    user = uuid4().hex
    return pack(user, f"{user}:{channel.name}", {"text": WORDS})


async def accepted(service: Service, writers: int, seconds: float) -> float:
    """Store messages from several writers at once, no turn taken; gives messages a second."""
    channel, count = service.channels["web"], 0
    written = [message(channel) for _ in range(int(seconds * _MOST_A_SECOND))]
    end = time.perf_counter() + seconds

    async def write() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await service.reception.accept(channel, [written.pop()])
            count += 1

    await asyncio.gather(*(write() for _ in range(writers)))
    return count / seconds


async def beside_bare(service: Service, bare: Engine, bare_writers: int, seconds: float) -> tuple[float, float]:
    """Take turns between messages from sixteen writers and bare commits: a shared machine's pace changes by the minute.

    Gives messages and commits a second.
    """
    messages = commits = 0.0
    for _ in range(SLICES):
        commits += await asyncio.to_thread(bare_commits, bare, bare_writers, seconds / SLICES)
        messages += await accepted(service, AT_ONCE, seconds / SLICES)
    return messages / SLICES, commits / SLICES


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


def settings(folder: Path, hotline: str, database: str | None = None) -> Settings:
    """Give a service that delivers to a sink."""
    return Settings(
        state_dir=folder,
        database_url=SecretStr(database) if database else None,
        hotline_url=hotline,
        hotline_secret=SecretStr("whsec_" + base64.b64encode(b"x" * 32).decode()),
        hotline_keys=public_key(new_private_key()),
        nlu_url=_NOBODY,
        delay_seconds=0,
    )


async def with_service[R](wanted: Settings, work: Callable[[Service, Sink], Awaitable[R]], *, turns: bool) -> R:
    """Run a piece of work beside a service of its own."""
    async with receiving() as sink, Service(wanted.model_copy(update={"hotline_url": sink.url})) as service:
        running = asyncio.create_task(service.run()) if turns else None
        try:
            return await work(service, sink)
        finally:
            if running:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


type NewDatabase = Callable[[], str | None]


async def measure(folder: Path, new: NewDatabase, options: argparse.Namespace) -> dict[str, float]:
    """Take every figure of one store, each on a database of its own."""

    def fresh() -> Settings:
        return settings(folder / uuid4().hex, _NOBODY, new())

    seconds, tickets = options.seconds, options.tickets
    bare = open_engine(new() or f"sqlite:///{folder / 'bare'}", b"k" * 32)
    bare_table(bare)
    one = await with_service(fresh(), lambda service, _: accepted(service, 1, seconds), turns=False)
    many, limit = await with_service(
        fresh(), lambda service, _: beside_bare(service, bare, options.bare_writers, seconds), turns=False
    )
    bare.dispose()
    took = await with_service(fresh(), lambda service, sink: to_ticket(service, sink, tickets), turns=True)
    rate = await with_service(fresh(), lambda service, sink: flood(service, sink, tickets), turns=True)
    return {
        "bare_commits_a_second": round(limit),
        "accepted_a_second_1_writer": round(one),
        "accepted_a_second_16_writers": round(many),
        "accepted_to_bare_16_writers": round(many / limit, 2),
        "message_to_ticket_ms_p50": round(percentile(took, 0.5) * 1000, 1),
        "message_to_ticket_ms_p99": round(percentile(took, 0.99) * 1000, 1),
        "tickets_a_second": round(rate, 1),
    }


async def measured(folder: Path, store: str, options: argparse.Namespace) -> dict[str, float]:
    """Measure one store."""
    if store == "sqlite":
        return await measure(folder, lambda: None, argparse.Namespace(**vars(options), bare_writers=1))
    with _server() as server:
        found = await measure(folder, server.new_database, argparse.Namespace(**vars(options), bare_writers=AT_ONCE))
        return {**found, **await replicas.measure(folder, server, options, settings)}


@contextmanager
def _server() -> Iterator[Postgres]:
    with postgreses.running() as server:
        yield server


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each rate")
    parser.add_argument("--tickets", type=int, default=500, help="for times to the hotline")
    parser.add_argument("--quick", action="store_true", help="under a minute")
    options = parser.parse_args()
    logs.set_up(level=40)
    if options.quick:
        options.seconds, options.tickets = 2.0, 100
    stores = ["sqlite", "postgresql"] if options.store == "both" else [options.store]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        figures = {store: asyncio.run(measured(Path(folder), store, options)) for store in stores}
    print(json.dumps({"bench": "throughput", **figures, "machine": machine()}))


if __name__ == "__main__":
    main()
