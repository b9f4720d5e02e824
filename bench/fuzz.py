"""Feeds a loaded model texts that nobody writes: whether it fails, whether it dawdles, whether its memory grows.

`nlu/.venv/bin/python -m bench.fuzz [--texts 200000] [--workers 2] [--seconds N] [--first 0]` from the repository root.
Each worker parses one text at a time, and reads the answer as the client does. Exit 1 on a crash, on an answer over a
second, and on memory that grew by over a tenth from the second tenth of the run to the last. Prints a table by kind of
text and, as the last line, one JSON object. Shows no text: `bench.strange.strange(number)` makes it again.
Caches fill during the first thousands of texts, so that the memory of a shorter run says little.
"""

import argparse
import json
import math
import sys
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Protocol

from bench.machine import machine, percentile, resident_mb
from bench.strange import strange
from nlu.models import model_path

SLOW_MS: Final = 1_000.0
MOST_GROWTH: Final = 0.1
_PARTS: Final = 10
_LOOK_SECONDS: Final = 60.0
"""A worker that two looks so far apart find at the same text is ended."""
_SHOWN: Final = 50
"""Troubles that the JSON names; it counts them all."""

Answer = Callable[[str], object]


class At(Protocol):
    """The number of the text that a worker is at: shared memory, which outlives a worker that native code ends."""

    value: int


@dataclass(frozen=True)
class Share:
    """What one worker does: which texts, for how long at most, with which model."""

    numbers: range
    seconds: float
    model: Path


@dataclass(frozen=True)
class Asked:
    """How one text fared: its number, kind and length, the time it took, and the type of what it raised.

    `cpu_ms` far below `ms` says that others had the machine: the text is not to blame.
    """

    number: int
    kind: str = ""
    chars: int = 0
    ms: float = 0.0
    cpu_ms: float = 0.0
    error: str = ""


@dataclass
class Found:
    """What one worker saw. Grows by eight bytes a text, so that it does not count as the model's memory."""

    ms: dict[str, "array[float]"] = field(default_factory=dict)
    crashes: list[Asked] = field(default_factory=list)
    slow: list[Asked] = field(default_factory=list)
    slowest: Asked = Asked(-1)
    memory_mb: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    seconds: float = 0.0

    @property
    def texts(self) -> int:
        """How many were asked."""
        return sum(map(len, self.ms.values()))

    @property
    def growth(self) -> float:
        """How much more memory there is at the end than after the second tenth, as a share of that; 0 if cut short."""
        return self.memory_mb[-1] / self.memory_mb[1] - 1 if len(self.memory_mb) == _PARTS else 0.0

    def add(self, asked: Asked) -> None:
        """Count one text."""
        self.ms.setdefault(asked.kind, array("d")).append(asked.ms)
        self.cpu_ms += asked.cpu_ms
        self.slowest = max(self.slowest, asked, key=lambda one: one.ms)
        if asked.error:
            self.crashes.append(asked)
        if asked.ms > SLOW_MS:
            self.slow.append(asked)

    def reached(self, part: float) -> None:
        """Note the memory at each tenth of the run, and say how far it is."""
        while len(self.memory_mb) < min(_PARTS, int(_PARTS * part)):
            self.memory_mb.append(resident_mb())
            done, trouble = 100 * len(self.memory_mb) // _PARTS, len(self.crashes) + len(self.slow)
            line = f"fuzz: {done} %, {self.texts} texts, {trouble} troubles, slowest {self.slowest.ms:.0f} ms"
            print(f"{line}, {self.memory_mb[-1]:.0f} MB", file=sys.stderr, flush=True)


def answering(model: Path) -> Answer:
    """Load the model; what is returned does as server and client do, and raises whatever they would meet."""
    from nlu.engine import Engine  # noqa: PLC0415  heavy, and the parent needs none
    from nlu.lexicon import shipped  # noqa: PLC0415
    from nlu.reading import read_answer  # noqa: PLC0415

    engine = Engine(model)

    def answer(text: str) -> object:
        sent = text.encode("utf-8", "replace").decode("utf-8")  # so the server treats lone surrogates
        body = json.dumps(engine.parse([sent])[0], ensure_ascii=False).encode()
        return read_answer(json.loads(body), text, shipped())

    answer("warm up")
    return answer


def ask(answer: Answer, number: int) -> Asked:
    """Make the text with this number, and see how it fares."""
    kind, text = strange(number)
    error, start, cpu_start = "", time.perf_counter(), time.process_time()
    try:
        answer(text)
    except Exception as problem:  # noqa: BLE001  its type is the finding; its words may quote the text
        error = type(problem).__name__
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return Asked(number, kind, len(text), round(1000 * seconds, 2), round(1000 * cpu_seconds, 2), error)


def work(share: Share, at: At, results: Connection) -> None:
    """Ask every text of a share, or as many as there is time for, and send what was found."""
    answer, found, start = answering(share.model), Found(), time.monotonic()
    for done, number in enumerate(share.numbers, 1):
        at.value = number
        found.add(ask(answer, number))
        found.seconds = time.monotonic() - start
        part = max(done / len(share.numbers), found.seconds / share.seconds)
        found.reached(part)
        if part >= 1:
            break
    results.send(found)


@dataclass(frozen=True)
class Worker:
    """A process at its share."""

    process: BaseProcess
    at: At
    results: Connection

    def found(self) -> Found:
        """Wait for what it found. One that died, or hung and was ended, found that the text it was at does so."""
        last = None
        while not self.results.poll(_LOOK_SECONDS):
            if self.at.value == last:
                self.process.kill()
            last = self.at.value
        try:
            found: Found = self.results.recv()
        except EOFError:
            return Found(crashes=[Asked(self.at.value, error="process ended")])
        return found


def started(share: Share) -> Worker:
    """Start a worker; -1 stands for loading."""
    context = get_context("spawn")
    results, sending = context.Pipe(duplex=False)
    at = context.Value("q", -1)
    process = context.Process(target=work, args=(share, at, sending), daemon=True)
    process.start()
    sending.close()  # the worker's is the only one: when it dies, we read the end
    return Worker(process, at, results)


def by_kind(found: Sequence[Found]) -> dict[str, list[float]]:
    """Return the milliseconds of all workers, the slowest kind first."""
    kinds = {kind for one in found for kind in one.ms}
    merged = {kind: [ms for one in found for ms in one.ms.get(kind, ())] for kind in kinds}
    return dict(sorted(merged.items(), key=lambda item: -max(item[1])))


def figures(found: Sequence[Found]) -> dict[str, Any]:
    """Return what all workers saw together."""
    every = [ms for one in found for series in one.ms.values() for ms in series] or [0.0]
    crashes = [asked for one in found for asked in one.crashes]
    slow = [asked for one in found for asked in one.slow]
    texts = sum(one.texts for one in found)
    return {
        "texts": texts,
        "texts_a_second": round(sum(one.texts / one.seconds for one in found if one.seconds), 1),
        "cpu_ms_a_text": round(sum(one.cpu_ms for one in found) / max(1, texts), 1),
        "crashes": len(crashes),
        "crashed": [asdict(asked) for asked in crashes[:_SHOWN]],
        "over_a_second": len(slow),
        "slow": [asdict(asked) for asked in slow[:_SHOWN]],
        "ms_p50": round(percentile(every, 0.5), 1),
        "ms_p99": round(percentile(every, 0.99), 1),
        "slowest": asdict(max((one.slowest for one in found), key=lambda asked: asked.ms)),
        "memory_mb": [[round(mb) for mb in one.memory_mb] for one in found],
        "memory_growth": round(max(one.growth for one in found), 3),
    }


def failed(said: Mapping[str, Any]) -> bool:
    """Tell whether the figures show a crash, an answer that took too long, or memory that grew."""
    return bool(said["crashes"] or said["over_a_second"] or said["memory_growth"] > MOST_GROWTH)


def table(kinds: Mapping[str, list[float]]) -> str:
    """Return one line a kind of text: how many, and milliseconds."""
    lines = ["kind".ljust(14) + "".join(name.rjust(12) for name in ("texts", "p50", "p99", "slowest"))]
    for kind, ms in kinds.items():
        cells = [str(len(ms)), *(f"{value:.1f}" for value in (percentile(ms, 0.5), percentile(ms, 0.99), max(ms)))]
        lines.append(kind.ljust(14) + "".join(cell.rjust(12) for cell in cells))
    return "\n".join(lines)


def main() -> None:
    """Run every worker to its end, print, and exit 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop then, however many texts are left")
    parser.add_argument("--first", type=int, default=0, help="number of the first text")
    parser.add_argument("--model", type=Path, help="another archive than the one of the present inputs")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.texts)
    shares = [numbers[worker :: options.workers] for worker in range(options.workers)]
    model = options.model or model_path()
    workers = [started(Share(share, options.seconds, model)) for share in shares]
    found = [worker.found() for worker in workers]
    said = figures(found)
    print(table(by_kind(found)))
    print(json.dumps({"bench": "fuzz", "workers": options.workers, **said, "machine": machine()}))
    sys.exit(1 if failed(said) else 0)


if __name__ == "__main__":
    main()
