"""The service dies, or what it stands on does, at any moment: what was accepted is delivered, under one key, in order.

`uv run python -m bench.kill [--runs 2000] [--store both] [--fault NAME] [--seed 1] [--quick]` from the repository root.
`--runs`: faults on each store, shared out by the table in `bench/faults.py`. `--quick`: some dozens, under a minute.
Needs PostgreSQL and a C compiler. Prints a line each hundred runs and, as the last line, one JSON object; exit 1 where
anything was lost, doubled, mixed up or left.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from bench import power
from bench.faults import FAULTS, Fault
from bench.machine import machine
from bench.replica import Zygote
from bench.verdict import Verdict
from bench.world import Engine, world

ENGINES: Final[tuple[Engine, ...]] = ("sqlite", "postgresql")
_MOST_RUNS: Final = 300
"""Then a fresh database."""
_DRAIN_SECONDS: Final = 120.0
_QUICK: Final[Mapping[str, int]] = {"killed": 12, "killed while starting": 4, "killed twice": 2, "hotline down": 4}
_QUICK_SHARED: Final[Mapping[str, int]] = {"PostgreSQL killed": 2, "network cut": 4}


@dataclass
class Figures:
    """What all series of one store gave."""

    runs: dict[str, int] = field(default_factory=dict)
    bad: dict[str, dict[str, object]] = field(default_factory=dict)
    whole: Verdict = field(default_factory=Verdict)
    longest_takeover_seconds: float = 0.0
    takeovers_too_long: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether all is as promised."""
        return not self.bad and not self.takeovers_too_long


async def series(engine: Engine, name: str, runs: int, tools: "Tools", figures: Figures) -> None:
    """Run one fault again and again over one database, then see what became of everything."""
    fault, began = FAULTS[name], time.monotonic()
    async with world(engine, fault.needs, tools.layer, tools.zygote, tools.random) as made:
        for _ in range(runs):
            made.load.ledger.run += 1
            await fault.strike(made)
            _progress(engine, name, figures, made.load.ledger.failed_calls)
        verdict = await made.drained(_DRAIN_SECONDS)
    figures.whole += verdict
    figures.longest_takeover_seconds = max(figures.longest_takeover_seconds, round(made.longest_takeover, 1))
    figures.takeovers_too_long += made.failed_takeovers
    figures.seconds += time.monotonic() - began
    if not verdict.is_good:
        figures.bad[name] = asdict(verdict) | {"seed": tools.seed}
        print(f"{engine}: {name}: NOT AS PROMISED: {json.dumps(asdict(verdict))}", file=sys.stderr, flush=True)


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


def shares(engine: Engine, runs: int, only: str | None) -> Iterator[tuple[str, int]]:
    """Give how many runs each fault gets, in series of no more than some hundreds."""
    for name, fault in FAULTS.items():
        whole = _share(fault, engine, runs) if only is None else runs * (name == only)
        while whole > 0:
            yield name, min(whole, _MOST_RUNS)
            whole -= _MOST_RUNS


def _share(fault: Fault, engine: Engine, runs: int) -> int:
    share = fault.sqlite if engine == "sqlite" else fault.postgresql
    return -(-runs * share // 1000)


def quick(engine: Engine) -> Iterator[tuple[str, int]]:
    """Give the small version."""
    yield from _QUICK.items()
    if engine == "postgresql":
        yield from _QUICK_SHARED.items()


async def measured(plans: Mapping[Engine, Sequence[tuple[str, int]]], seed: int) -> dict[Engine, Figures]:
    """Run all series, one after the other."""
    found: dict[Engine, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="quietline-layer-") as folder, Zygote() as zygote:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - once; PostgreSQL runs as another user
        needs_layer = any(FAULTS[name].needs.layer for plan in plans.values() for name, _ in plan)
        layer = power.compile_layer(Path(folder)) if needs_layer else Path(folder)
        for engine, plan in plans.items():
            found[engine] = Figures()
            for number, (name, runs) in enumerate(plan):
                chance = random.Random(f"{seed} {engine} {number}")  # noqa: S311 - to be repeated, not to be secret
                await series(engine, name, runs, Tools(layer, zygote, seed, chance), found[engine])
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
        engine: list(quick(engine) if asked.quick else shares(engine, asked.runs, asked.fault)) for engine in engines
    }
    found = asyncio.run(measured(plans, asked.seed))
    print(json.dumps({"machine": machine(), **{engine: asdict(figures) for engine, figures in found.items()}}))
    sys.exit(0 if all(figures.is_good for figures in found.values()) else 1)


if __name__ == "__main__":
    main()
