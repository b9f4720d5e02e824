"""Times of messages with a million reports in the database, beside an empty one in the same run.

`uv run python -m bench.growth [--store both] [--tickets 1000000] [--part-bytes 4300] [--quick]`. A tenth of the reports
are still open, a tenth wait to be sent in an hour. Empty and full take turns, since the machine is shared. Then sweeps,
and the hourly cleaning of 10,000 sessions whose time is up, with messages meanwhile. Nothing understands but the word
lists.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, select, update

from bench import throughput
from bench.filling import SILENCE, Wanted, fill
from bench.machine import machine, percentile
from bench.sink import Sink
from bot import logs
from bot.service import Service
from bot.settings import Settings
from storage import tables
from tests.fakes import postgres as postgreses

KINDS = ("empty", "full")
_WARM = 20
_SETTLE_SECONDS = 1.0
_SWEEPS = 10
_NOBODY = "http://127.0.0.1:9"

type Series = dict[str, list[float]]


async def both(service: Service, sink: Sink, times: int) -> Series:
    """Send messages one after the other, each by a new reporter; gives seconds to the reply, and to the ticket."""
    await asyncio.sleep(_SETTLE_SECONDS)  # what the last service had no time to note is sent again
    pairs = [await _one(service, sink) for _ in range(_WARM + times)]
    await asyncio.sleep(_SETTLE_SECONDS)
    return _columns(pairs[_WARM:])  # statements are compiled by then


async def _one(service: Service, sink: Sink) -> tuple[float, float]:
    channel, before, start = service.channels["web"], len(sink.arrived), time.perf_counter()
    await service.answers.answer(channel, throughput.message(channel))
    said = time.perf_counter() - start
    await sink.reached(before + 1)
    return said, sink.arrived[-1] - start


async def sweeps(service: Service, _: Sink) -> list[float]:
    """Look at every deadline some times; gives seconds of each."""
    took = []
    for _ in range(_SWEEPS):
        start = time.perf_counter()
        await service.sweeper.sweep()
        took.append(time.perf_counter() - start)
    return took[1:]


async def cleaning(service: Service, sink: Sink, sessions: int) -> dict[str, float]:
    """Let sessions have had their time, and clean as every hour, with messages meanwhile."""
    await both(service, sink, 1)
    await service.store.run(_age, sessions)
    start = time.perf_counter()
    work = asyncio.create_task(service.sweeper._clean(datetime.now(UTC)))  # noqa: SLF001 - else only after an hour
    meanwhile = []
    while not work.done():
        meanwhile.append(await _one(service, sink))
    await work
    took = time.perf_counter() - start
    return {"cleaning_seconds": round(took, 1), **_figures("cleaning_", _columns(meanwhile))}


def _columns(pairs: list[tuple[float, float]]) -> Series:
    return {"reply": [pair[0] for pair in pairs], "ticket": [pair[1] for pair in pairs]}


def _age(db: Connection, sessions: int) -> None:
    """Let the time of sessions be over of which nothing waits any more."""
    table, waiting = tables.sessions, select(tables.deliveries.c.ticket_id)
    over = select(table.c.address_key).where(table.c.silence_due.is_(None), table.c.ticket_id.not_in(waiting))
    keys = db.scalars(over.limit(sessions)).all()
    past = datetime.now(UTC) - timedelta(minutes=1)
    aged = update(table).where(table.c.address_key == bindparam("key")).values(purge_at=past)
    db.execute(aged, [{"key": key} for key in keys])


def _figures(prefix: str, series: Series) -> dict[str, float]:
    return {
        f"{prefix}message_to_{name}_ms_{label}": round(percentile(values, share) * 1000, 1)
        for name, values in series.items()
        for label, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        if values
    }


async def measure(wanted: dict[str, Settings], options: argparse.Namespace) -> dict[str, object]:
    """Take every figure of both databases in turns."""
    pooled: dict[str, Series] = {kind: {"reply": [], "ticket": []} for kind in KINDS}
    rates: Series = {kind: [] for kind in KINDS}
    swept: Series = {kind: [] for kind in KINDS}
    loads = []
    for _ in range(options.rounds):
        for kind in KINDS:
            loads.append(round(os.getloadavg()[0], 1))
            took = await throughput.with_service(wanted[kind], lambda a, b: both(a, b, options.messages), turns=True)
            for name, values in took.items():
                pooled[kind][name] += values
            rates[kind].append(await _accepted(wanted[kind], options.seconds))
            swept[kind] += await throughput.with_service(wanted[kind], sweeps, turns=False)
    found: dict[str, dict[str, float]] = {
        kind: {
            **_figures("", pooled[kind]),
            "accepted_a_second": round(sum(rates[kind]) / len(rates[kind])),
            "sweep_ms_p50": round(percentile(swept[kind], 0.5) * 1000, 1),
            "sweep_ms_max": round(max(swept[kind]) * 1000, 1),
        }
        for kind in KINDS
    }
    cleaned = await throughput.with_service(wanted["full"], lambda a, b: cleaning(a, b, options.expired), turns=True)
    return {**found, "full_to_empty": _ratios(found), **cleaned, "load": loads}


async def _accepted(wanted: Settings, seconds: float) -> float:
    async def work(service: Service, _: Sink) -> float:
        rate = await throughput.accepted(service, throughput.AT_ONCE, seconds)
        await service.store.run(lambda db: db.execute(delete(tables.inbox)))
        return rate

    return await throughput.with_service(wanted, work, turns=False)


def _ratios(found: dict[str, dict[str, float]]) -> dict[str, float]:
    return {name: round(found["full"][name] / value, 2) for name, value in found["empty"].items() if value}


def made(folder: Path, server: postgreses.Postgres | None) -> Settings:
    """Give a service with a database of its own."""
    made = throughput.settings(folder / uuid4().hex, _NOBODY, server.new_database() if server else None)
    return made.model_copy(update={"silence_seconds": int(SILENCE.total_seconds())})


def filled(folder: Path, server: postgreses.Postgres | None, wanted: Wanted) -> tuple[Settings, dict[str, float]]:
    """Give a service whose database is full, and what it took."""
    settings, start = made(folder, server), time.perf_counter()
    service = Service(settings)
    service.store.migrate()
    fill(service.store.engine, wanted)
    asyncio.run(service.aclose())
    return settings, {"filling_seconds": round(time.perf_counter() - start)}


@contextmanager
def place(store: str) -> Iterator[postgreses.Postgres | None]:
    """Run a server where the store is one."""
    with postgreses.running() if store == "postgresql" else nullcontext() as server:
        yield server


def measured(folder: Path, store: str, options: argparse.Namespace) -> dict[str, object]:
    """Measure one store."""
    some = options.tickets // 10
    with place(store) as server:
        full, filling = filled(folder, server, Wanted(options.tickets, some, some, options.part_bytes))
        return filling | asyncio.run(measure({"empty": made(folder, server), "full": full}, options))


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--part-bytes", type=int, default=4_300, help="of a sealed part")
    parser.add_argument("--messages", type=int, default=300, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="for the rate of accepting, in each round")
    parser.add_argument("--expired", type=int, default=10_000, help="sessions to clean up")
    parser.add_argument("--quick", action="store_true", help="20,000 reports; under a minute")
    options = parser.parse_args()
    logs.set_up(level=40)
    if options.quick:
        options.tickets, options.messages, options.rounds = 20_000, 50, 1
        options.seconds, options.expired = 1.0, 1_000
    stores = ["sqlite", "postgresql"] if options.store == "both" else [options.store]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        figures = {store: measured(Path(folder), store, options) for store in stores}
    asked = {"tickets": options.tickets, "part_bytes": options.part_bytes}
    print(json.dumps({"bench": "growth", **asked, **figures, "machine": machine()}))


if __name__ == "__main__":
    main()
