"""A power cut is not a kill: what was not synced is gone. The file layer shows it, and that nothing of ours is."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import power

WRITER = """
import sys
from sqlcipher3 import dbapi2
db = dbapi2.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode=WAL", "synchronous=" + sys.argv[2], "wal_autocheckpoint=20"):
    db.execute("PRAGMA " + pragma)
db.execute("CREATE TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY, body BLOB)")
while True:
    row = db.execute("INSERT INTO held (body) VALUES (randomblob(300)) RETURNING id").fetchone()
    print(row[0], flush=True)
"""
CUTS = 12

needs_layer = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: run ./setup.sh tests")


def lost(database: Path, acknowledged: int) -> int:
    """Count commits that were acknowledged and are gone; the file itself is whole."""
    from sqlcipher3 import dbapi2  # noqa: PLC0415 - not before the writer, which runs under the layer

    db = dbapi2.connect(os.fspath(database))
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (kept,) = db.execute("SELECT count(*) FROM held WHERE id <= ?", (acknowledged,)).fetchone()
    db.close()
    return acknowledged - int(kept)


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return power.compile_layer(tmp_path_factory.mktemp("layer"))


def lost_in_cuts(layer: Path, folder: Path, synchronous: str, kind: power.Kind) -> int:
    gone, chance = 0, random.Random(7)  # noqa: S311 - to be repeated
    for number in range(CUTS):
        data, undo, switches = (folder / f"{name}{number}" for name in ("data", "undo", "switches"))
        data.mkdir()
        environment = {**os.environ, **power.environment(layer, data, undo, switches)}
        command = [sys.executable, "-c", WRITER, data / "a.sqlite", synchronous]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            wanted = chance.randrange(15, 80)
            while int(writer.stdout.readline()) < wanted:
                pass
            writer.kill()
            acknowledged = int([str(wanted), *writer.stdout.read().split("\n")[:-1]][-1])
        power.cut(undo, chance, kind)
        gone += lost(data / "a.sqlite", acknowledged)
    return gone


@needs_layer
def test_the_layer_drops_what_was_not_synced(layer: Path, tmp_path: Path) -> None:
    assert lost_in_cuts(layer, tmp_path, "NORMAL", "dropped") > 0


@needs_layer
@pytest.mark.parametrize("kind", ["dropped", "torn"])
def test_with_full_synchronisation_nothing_acknowledged_is_lost(kind: power.Kind, layer: Path, tmp_path: Path) -> None:
    assert lost_in_cuts(layer, tmp_path, "FULL", kind) == 0


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    "faults",
    [
        ["--quick"],
        pytest.param(["--fault", "power cut", "--runs", "6"], marks=needs_layer),
        pytest.param(["--fault", "disk full", "--runs", "3"], marks=needs_layer),
    ],
    ids=str,
)
def test_what_was_accepted_is_delivered_under_one_key_and_in_order(store: str, faults: list[str]) -> None:
    """The kill suite, small; `bench.kill` runs thousands."""
    command = [sys.executable, "-m", "bench.kill", "--store", store, *faults]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])[store]
    assert found["whole"]["accepted"] > 0, "else the exit code says nothing"
    assert (found["whole"]["lost"], found["whole"]["doubled"]) == (0, 0)
