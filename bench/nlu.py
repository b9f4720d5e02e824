"""Measures our NLU server beside `rasa run` with Rasa's default pipeline, trained on the same data, in one run.

`uv run python -m bench.nlu FILE.jsonl [--epochs 100] [--env FOLDER] [--default MODEL]` from the repository root; lines
as nlu.evaluate reads them. FOLDER is an environment of bench/default (`uv sync --project bench/default`), MODEL what
this trained before. Each server is asked each message by one client, one after the other; a second time, the times are
taken of messages up to 60 characters, all different, so that no cache helps; a third time sixteen clients ask at once.
Prints a table and, as the last line, one JSON object. Shows no text of the file.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.machine import machine, percentile, resident_mb
from nlu.beside import free_port
from nlu.evaluate import answer_of
from nlu.models import HERE, model_path

_DEFAULT: Final = Path(__file__).with_name("default")
_OURS: Final = HERE / ".venv" / "bin" / "python"
_MOST_CHARS: Final = 60
_LONGEST_START_SECONDS: Final = 300
_CLIENTS: Final = 16
_BUSY: Final = f"messages_a_cpu_second_{_CLIENTS}_clients"
_SHOWN: Final = ("p50_ms", "p99_ms", "messages_a_cpu_second", _BUSY, "memory_mb", "ready_seconds", "model_mb")
_TICKS: Final = os.sysconf("SC_CLK_TCK")

Row = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A running server: its address, its process, and how long it took to be ready."""

    url: str
    pid: int
    ready_seconds: float

    def parse(self, text: str) -> dict[str, Any]:
        """Return its answer."""
        found: dict[str, Any] = answer_of(self.url, text)
        return found

    def cpu_seconds(self) -> float:
        """Return the processor time it has taken so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Return its resident memory."""
        return resident_mb(str(self.pid))


@contextmanager
def serving(command: Sequence[str | Path], port: int) -> Iterator[Server]:
    """Run a server until the end of the block."""
    began = time.monotonic()
    child = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server(f"http://127.0.0.1:{port}", child.pid, 0.0)
    try:
        while not _answers(server):
            if child.poll() is not None or time.monotonic() - began > _LONGEST_START_SECONDS:
                raise SystemExit(f"{Path(command[0]).name} did not start")
            time.sleep(0.05)
        yield Server(server.url, child.pid, time.monotonic() - began)
    finally:
        child.terminate()
        child.wait()


def _answers(server: Server) -> bool:
    try:
        return bool(server.parse("hello").get("intent"))
    except OSError:
        return False


def measured(server: Server, rows: Sequence[Row], model: Path) -> dict[str, Any]:
    """Ask everything and return the figures."""
    right, asked = Counter[str](), Counter[str]()
    for row in rows:
        found = server.parse(row["text"])["intent"]["name"] == row["intent"]
        for group in ("all", row["lang"]):
            asked[group] += 1
            right[group] += found
    return {
        "intent": {group: round(right[group] / count, 3) for group, count in asked.items()},
        **_pace(server, [row["text"] for row in rows if len(row["text"]) < _MOST_CHARS]),
        "memory_mb": round(server.memory_mb()),
        "ready_seconds": round(server.ready_seconds, 1),
        "model_mb": round(model.stat().st_size / 1e6, 1),
    }


def _pace(server: Server, texts: Sequence[str]) -> dict[str, float]:
    """Time each text once more with a full stop behind it, and again with two: no answer is at hand from before."""
    times: list[float] = []

    def ask(text: str) -> None:
        began = time.perf_counter()
        server.parse(text)
        times.append(1000 * (time.perf_counter() - began))

    alone = _rate(server, [f"{text}." for text in texts], ask, 1)
    p50, p99 = (round(percentile(times, share), 1) for share in (0.5, 0.99))
    busy = _rate(server, [f"{text}.." for text in texts], ask, _CLIENTS)
    return {"p50_ms": p50, "p99_ms": p99, "messages_a_cpu_second": alone, _BUSY: busy}


def _rate(server: Server, texts: Sequence[str], ask: Callable[[str], None], clients: int) -> float:
    """Return how many messages the server reads in a second of its processor time."""
    before = server.cpu_seconds()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, texts))
    return round(len(texts) / (server.cpu_seconds() - before), 1)


def default_model(python: Path, epochs: int, folder: Path) -> Path:
    """Train Rasa's default pipeline on our utterances."""
    data = folder / "data"
    for path in (HERE / "data").glob("*/nlu.yml"):
        data.mkdir(exist_ok=True)
        shutil.copy(path, data / f"{path.parent.name}.yml")
    config = folder / "config.yml"
    config.write_text((_DEFAULT / "config.yml").read_text().replace("epochs: 100", f"epochs: {epochs}"))
    command = [python.with_name("rasa"), "train", "nlu", "--config", config, "--nlu", data, "--out", folder]
    subprocess.run([*command, "--fixed-model-name", "default"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "default.tar.gz"


def measured_default(rows: Sequence[Row], options: argparse.Namespace) -> dict[str, Any]:
    """Return the peer's figures; it is trained first unless an archive is given."""
    rasa = options.env.resolve() / "bin" / "rasa"
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        model = options.default or default_model(rasa, options.epochs, Path(folder))
        trained = None if options.default else round(time.monotonic() - began)
        port = free_port()
        command = [rasa, "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", model]
        with serving(command, port) as server:
            return {**measured(server, rows, model), "training_seconds": trained, "epochs": options.epochs}


def measured_ours(rows: Sequence[Row]) -> dict[str, Any]:
    """Return our server's figures; its model is trained first if need be, so that a start is a start."""
    subprocess.run([_OURS, "-m", "nlu.train"], cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with serving([_OURS, "-m", "nlu.server", "--port", str(port)], port) as server:
        return measured(server, rows, model_path())


def table(ours: dict[str, Any], default: dict[str, Any]) -> str:
    """Return a line a figure: ours, the peer's."""
    pairs = [(name, ours[name], default[name]) for name in _SHOWN]
    pairs += [(f"intent, {group}", share, default["intent"][group]) for group, share in ours["intent"].items()]
    return "\n".join(name.ljust(36) + str(one).rjust(9) + str(other).rjust(9) for name, one, other in pairs)


def main() -> None:
    """Train the peer, measure both, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--epochs", type=int, default=100, help="of DIET; Rasa proposes 100")
    parser.add_argument("--env", type=Path, default=_DEFAULT / ".venv", help="the environment of bench/default")
    parser.add_argument("--default", type=Path, help="an archive of the peer trained before, with so many epochs")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    default, ours = measured_default(rows, options), measured_ours(rows)
    print(table(ours, default))
    print(json.dumps({"machine": machine(), "ours": ours, "default": default}))


if __name__ == "__main__":
    main()
