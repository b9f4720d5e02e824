"""A burst of reports, each by a new reporter, over HTTP to a running service: who is refused, who waits how long.

`uv run python -m bench.burst [--store both] [--reports 20000] [--minutes 10] [--flood] [--nlu] [--quick]`. A tenth is
urgent. A report without urgency is filed after some quiet (`--silence`); all tickets leave at once. With `--flood`
2,000 come at the same moment. Messenger, hotline and reporters run beside the service on the same cores.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.crowd import Crowd, crowd, percentiles
from bench.machine import machine
from bot import logs
from nlu.beside import Beside

_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 900.0
_FLOOD = 2_000


async def measure(folder: Path, store: str, options: argparse.Namespace) -> dict[str, object]:
    """Take the figures of one store."""
    async with nlu(wanted=options.nlu) as address, crowd(folder, store, address, options.silence) as people:
        memory: list[float] = []
        watching = asyncio.create_task(watch(people, memory))
        start = time.perf_counter()
        await write(people, options)
        wrote = time.perf_counter() - start
        loads = os.getloadavg()
        await people.all_there(_PATIENCE_SECONDS)
        watching.cancel()
        memory.append((await people.vitals())["resident_mb"])
        return {
            **found(people),
            "writing_seconds": round(wrote, 1),
            "until_all_there_seconds": round(time.perf_counter() - start, 1),
            "resident_mb": {"first": memory[0], "most": max(memory), "last": memory[-1]},
            "resident_mb_over_time": memory[:: max(1, len(memory) // 12)],
            "load": [round(load, 1) for load in loads],
        }


@asynccontextmanager
async def nlu(*, wanted: bool) -> AsyncIterator[str]:
    """Run the NLU server, if wanted; gives its address, else an empty one."""
    if not wanted:
        yield ""
        return
    beside = Beside()
    beside.start()
    try:
        if not await beside.wait(timedelta(minutes=1)):
            raise SystemExit("the NLU server does not start: is there a model?")
        yield beside.url
    finally:
        await beside.stop()


async def write(people: Crowd, options: argparse.Namespace) -> None:
    """Let everybody write."""
    if options.flood:
        await people.at_once(options.reports)
    else:
        await people.evenly(options.reports / (options.minutes * 60), options.minutes * 60)


async def watch(people: Crowd, memory: list[float]) -> None:
    """Note the service's memory every few seconds."""
    while True:
        memory.append((await people.vitals())["resident_mb"])
        await asyncio.sleep(_LOOK_SECONDS)


def found(people: Crowd) -> dict[str, object]:
    """Say what became of everybody."""
    replies, tickets = people.replies(), people.queue.opened()
    times = {number: at - people.posted[number] for at, number in reversed(tickets)}
    parts = {"urgent": people.is_urgent, "others": lambda number: not people.is_urgent(number)}
    ranks = {number: rank for rank, (_, number) in enumerate(tickets, start=1)}
    return {
        "reports": len(people.posted),
        "refused": people.refused,
        "without_reply": len(people.posted.keys() - replies.keys()),
        "without_ticket": len(people.posted.keys() - times.keys()),
        "tickets_twice": sum(count - 1 for count in Counter(number for _, number in tickets).values()),
        "replies_twice": people.messenger.sent - len(people.messenger.first),
        "taken": percentiles(list(people.taken.values())),
        "reply": percentiles(list(replies.values())),
        **{f"reply_{name}": percentiles([replies[n] for n in replies if is_of(n)]) for name, is_of in parts.items()},
        **{f"ticket_{name}": percentiles([times[n] for n in times if is_of(n)]) for name, is_of in parts.items()},
        "median_rank_at_the_hotline": {
            name: median([ranks[n] for n in ranks if is_of(n)] or [0]) for name, is_of in parts.items()
        },
    }


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--reports", type=int, help="20,000, or 2,000 in a flood")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--silence", type=int, default=30, help="seconds of quiet before a report is filed")
    parser.add_argument("--flood", action="store_true", help="all at the same moment")
    parser.add_argument("--nlu", action="store_true", help="with the NLU server beside; its model must be there")
    parser.add_argument("--quick", action="store_true", help="15 seconds at the same rate; under a minute a store")
    options = parser.parse_args()
    logs.set_up(level=40)
    options.reports = options.reports or (_FLOOD if options.flood else 20_000)
    if options.quick:
        options.reports = options.reports // 40 if not options.flood else 200
        options.minutes, options.silence = options.minutes / 40, 5
    stores = ["sqlite", "postgresql"] if options.store == "both" else [options.store]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        figures = {store: asyncio.run(measure(Path(folder).resolve(), store, options)) for store in stores}
    asked = {"minutes": options.minutes, "flood": options.flood, "nlu": options.nlu}
    print(json.dumps({"bench": "burst", **asked, **figures, "machine": machine()}))


if __name__ == "__main__":
    main()
