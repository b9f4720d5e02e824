"""One service under an even load for an hour: whether its memory grows, and whether it becomes slower.

`uv run python -m bench.soak [--store sqlite] [--minutes 60] [--rate 50] [--quick]`. Each report is of a new reporter, a
tenth of them urgent; messenger, hotline and reporters run beside the service on the same cores. Prints a line a minute.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import linear_regression

from bench.crowd import Crowd, crowd, percentiles
from bench.machine import machine
from bot import logs

_WARM_SHARE = 0.1
"""Of the time, before memory counts: statements are compiled, words loaded, connections opened."""
_PARTS = 6
"""Ten minutes each, of an hour."""
_PATIENCE_SECONDS = 300.0

type Vitals = dict[str, float]


async def measure(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Take every figure."""
    async with crowd(folder, options.store, "", options.silence) as people:
        noted: list[Vitals] = []
        watching = asyncio.create_task(_watch(people, noted, folder, options))
        await people.evenly(options.rate, options.minutes * 60)
        watching.cancel()
        noted.append(await _vitals(people, folder))
        await people.all_there(_PATIENCE_SECONDS)
        return {**_found(people, options), **_growth(noted), "every": noted, "load": round(os.getloadavg()[0], 1)}


async def _watch(people: Crowd, noted: list[Vitals], folder: Path, options: argparse.Namespace) -> None:
    while True:
        noted.append(await _vitals(people, folder))
        print(json.dumps(noted[-1]), flush=True)
        await asyncio.sleep(options.look)


async def _vitals(people: Crowd, folder: Path) -> Vitals:
    at, size = round(time.perf_counter(), 1), _database_mb(folder)
    return {"at": at, "posted": len(people.posted), "database_mb": size, **await people.vitals()}


def _database_mb(folder: Path) -> float:
    """Give the size of SQLite's file and its log; 0 on PostgreSQL."""
    return round(sum(file.stat().st_size for file in folder.rglob("quietline.sqlite*")) / 1024**2, 1)


def _found(people: Crowd, options: argparse.Namespace) -> dict[str, object]:
    """Say how long replies took, by parts of the time, and whether anything is missing."""
    replies = people.replies()
    size = max(1, int(options.rate * options.minutes * 60 / _PARTS))
    parts = [range(first, first + size) for first in range(1, len(people.posted) + 1, size)]
    filed = {number for _, number in people.queue.opened()}
    return {
        "reports": len(people.posted),
        "refused": people.refused,
        "without_reply": len(people.posted.keys() - replies.keys()),
        "without_ticket": len(people.posted.keys() - filed),
        "reply_by_part": [percentiles([replies[n] for n in part if n in replies]) for part in parts],
    }


def _growth(noted: list[Vitals]) -> dict[str, float]:
    """Give the slope of memory and open files once warm."""
    start, end = noted[0]["at"], noted[-1]["at"]
    warm = [one for one in noted if one["at"] >= start + (end - start) * _WARM_SHARE]
    hours = [one["at"] / 3600 for one in warm]
    return {
        "resident_mb_an_hour": _slope(hours, [one["resident_mb"] for one in warm]),
        "descriptors_an_hour": _slope(hours, [one["descriptors"] for one in warm]),
        "resident_mb_first": warm[0]["resident_mb"],
        "resident_mb_last": warm[-1]["resident_mb"],
    }


def _slope(hours: list[float], values: list[float]) -> float:
    return round(linear_regression(hours, values).slope, 1) if len(set(hours)) > 1 else 0.0


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=50.0, help="reports a second")
    parser.add_argument("--silence", type=int, default=60, help="seconds of quiet before a report is filed")
    parser.add_argument("--look", type=float, default=60.0, help="seconds between two looks at its memory")
    parser.add_argument("--quick", action="store_true", help="15 seconds at 20 a second; under a minute")
    options = parser.parse_args()
    logs.set_up(level=40)
    if options.quick:
        options.minutes, options.rate, options.look, options.silence = 0.25, 20.0, 2.0, 5
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        figures = asyncio.run(measure(Path(folder).resolve(), options))
    asked = {"store": options.store, "minutes": options.minutes, "rate": options.rate}
    print(json.dumps({"bench": "soak", **asked, **figures, "machine": machine()}))


if __name__ == "__main__":
    main()
