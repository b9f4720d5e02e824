"""The service dies, or what it stands on does, at any moment: what was accepted is delivered, under one key, in order.

`uv run python -m bench.kill [--runs 2000] [--store both] [--fault NAME] [--seed 1] [--quick]` from the repository root.
`--runs`: faults on each store, shared out by the table in `bench/faults.py`. `--quick`: some dozens, under a minute.
Needs PostgreSQL and a C compiler. Prints a line each hundred runs and, as the last line, one JSON object; exit 1 where
anything was lost, doubled, mixed up or left, or where a fault met nothing to spoil.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from bench import power
from bench.faults import FAULTS, Fault, needs_of
from bench.machine import machine
from bench.replica import Zygote
from bench.verdict import Verdict
from bench.world import Engine, open_folder, world

ENGINES: Final[tuple[Engine, ...]] = ("sqlite", "postgresql")
_MOST_RUNS: Final = 300
"""Then a fresh database."""
_MANY: Final = 10
"""Runs of a fault, of which some must meet work."""
_DRAIN_SECONDS: Final = 120.0
_QUICK: Final = ["killed"] * 16 + ["killed while starting"] * 6 + ["killed twice"] * 4 + ["hotline down"] * 4
_QUICK_SHARED: Final = ["PostgreSQL killed"] * 2 + ["network cut"] * 4

type Series = Sequence[str]
"""Names of faults, one after the other over one database."""


@dataclass
class Figures:
    """What all series of one store gave."""

    runs: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    bad: list[dict[str, object]] = field(default_factory=list)
    whole: Verdict = field(default_factory=Verdict)
    longest_takeover_seconds: float = 0.0
    takeovers_too_long: int = 0
    taken_over: int = 0
    writes_undone: int = 0
    writes_refused: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether all is as promised, and every fault met something."""
        return not self.bad and not self.takeovers_too_long and not self.in_vain

    @property
    def in_vain(self) -> list[str]:
        """The faults that met nothing: no message, no unsynced write, no write on a full disk, nothing to take over."""
        met = dict(self.accepted)
        met |= {"power cut": self.writes_undone, "disk full": self.writes_refused} | dict.fromkeys(
            ("replica killed", "replica silent"), self.taken_over
        )
        return [name for name, runs in self.runs.items() if runs >= _MANY and not met[name]]


async def run_series(engine: Engine, names: Series, tools: "Tools", figures: Figures) -> None:
    """Let one thing after the other go wrong over one database, then see what became of everything."""
    needs, began = needs_of(names), time.monotonic()
    async with world(engine, needs, tools.layer, tools.zygote, tools.random) as made:
        for name in names:
            made.load.ledger.run += 1
            before = len(made.load.ledger.accepted)
            await FAULTS[name].strike(made)
            figures.accepted[name] = figures.accepted.get(name, 0) + len(made.load.ledger.accepted) - before
            _progress(engine, name, figures, made.load.ledger.failed_calls)
        verdict = await made.drained(_DRAIN_SECONDS)
        figures.writes_refused += made.refused_writes
    figures.whole += verdict
    figures.longest_takeover_seconds = max(figures.longest_takeover_seconds, round(made.longest_takeover, 1))
    figures.takeovers_too_long += made.failed_takeovers
    figures.taken_over += made.taken_over
    figures.writes_undone += made.undone
    figures.seconds = round(figures.seconds + time.monotonic() - began, 1)
    if not verdict.is_good:
        figures.bad.append({"faults": sorted(set(names)), "seed": tools.seed} | asdict(verdict))
        print(f"{engine}: {names[-1]}: NOT AS PROMISED: {json.dumps(asdict(verdict))}", file=sys.stderr, flush=True)


def _progress(engine: Engine, name: str, figures: Figures, failed_calls: int) -> None:
    figures.runs[name] = figures.runs.get(name, 0) + 1
    done = sum(figures.runs.values())
    if done % 100 == 0:
        print(f"{engine}: {done} runs, now {name}, {failed_calls} calls without a 2xx in this series", flush=True)


@dataclass
class Tools:
    """What all series share."""

    layer: Path
    zygote: Zygote
    seed: int
    random: random.Random


def shares(engine: Engine, runs: int, only: str | None) -> Iterator[Series]:
    """Give each fault its runs, in series of no more than some hundreds."""
    for name, fault in FAULTS.items():
        whole = _share(fault, engine, runs) if only is None else runs * (name == only)
        while whole > 0:
            yield [name] * min(whole, _MOST_RUNS)
            whole -= _MOST_RUNS


def _share(fault: Fault, engine: Engine, runs: int) -> int:
    share = fault.sqlite if engine == "sqlite" else fault.postgresql
    return -(-runs * share // 1000)


def quick(engine: Engine, seed: int) -> Series:
    """Give the small version: faults that need no file layer, in one series, mixed."""
    names = [*_QUICK, *(_QUICK_SHARED if engine == "postgresql" else [])]
    return random.Random(seed).sample(names, len(names))  # noqa: S311 - to be repeated, not to be secret


async def measured(plans: Mapping[Engine, Sequence[Series]], seed: int) -> dict[Engine, Figures]:
    """Run all series, one after the other."""
    found: dict[Engine, Figures] = {}
    with open_folder() as folder, Zygote() as zygote:
        needs_layer = any(needs_of(names).layer for plan in plans.values() for names in plan)
        layer = power.compile_layer(folder) if needs_layer else folder
        for engine, plan in plans.items():
            found[engine] = Figures()
            for number, names in enumerate(plan):
                chance = random.Random(f"{seed} {engine} {number}")  # noqa: S311 - to be repeated, not to be secret
                await run_series(engine, names, Tools(layer, zygote, seed, chance), found[engine])
    return found


def main() -> None:
    """Read the command line, run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--store", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--fault", choices=tuple(FAULTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # a service that is killed leaves its calls half made
    engines: Sequence[Engine] = ENGINES if asked.store == "both" else (asked.store,)
    plans = {
        engine: [quick(engine, asked.seed)] if asked.quick else list(shares(engine, asked.runs, asked.fault))
        for engine in engines
    }
    found = asyncio.run(measured(plans, asked.seed))
    print(json.dumps({"machine": machine(), **{engine: asdict(figures) for engine, figures in found.items()}}))
    sys.exit(0 if all(figures.is_good for figures in found.values()) else 1)


if __name__ == "__main__":
    main()
