"""A power cut: what `layer.c` noted as not synced is taken back from the files, after every process was killed.

Three kinds. `dropped`: no unsynced write reached the disk. `torn`: sectors reached it in any order, so that each sector
holds what some write of it left, or what was there at the last sync. `kept`: everything reached it, as after kill -9.
"""

import os
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Final, Literal

Kind = Literal["dropped", "torn", "kept"]

SECTOR_BYTES: Final = 512
"""What a disk writes whole, at the least: NVMe and SCSI both start there."""
_HEADER: Final = struct.Struct("=5Q")
_RECORD: Final = struct.Struct("=5Q")
_SHRINK: Final = 1
_SYNCED: Final = 2
_WATCHED: Final = "watched"
_NAMES: Final = "names"
_KEPT: Final = "kept."
_SHARES: Final = (0.0, 0.5, 1.0)
"""Of a torn write: none of its sectors is taken back, about half, or all."""


@dataclass(frozen=True)
class Counts:
    """What a cut met and did: unsynced writes, those of them touched, sectors and names taken back."""

    files: int = 0
    writes: int = 0
    undone: int = 0
    sectors: int = 0
    names: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Add up, field by field."""
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Seen:
    """What the layer saw, over all processes: the order of `struct counts` in `layer.c`."""

    writes: int
    bytes: int
    syncs: int
    names: int
    full: int
    failed: int
    moved: int


@dataclass(frozen=True)
class Write:
    """One change of a file, and what it overwrote. A shrinking counts as a change of the part cut off."""

    length: int
    offset: int
    old_size: int
    old: bytes
    shrinks: bool
    synced: bool
    lost: bool

    def sectors(self) -> range:
        """Give the numbers of the sectors touched."""
        return range(self.offset // SECTOR_BYTES, -(-(self.offset + self.length) // SECTOR_BYTES))

    def before(self, sector: int) -> tuple[int, bytes]:
        """Give where its part of a sector starts, and what was there; zeros behind the old end."""
        start = max(self.offset, sector * SECTOR_BYTES)
        end = min(self.offset + self.length, (sector + 1) * SECTOR_BYTES)
        return start, self.old[start - self.offset : end - self.offset].ljust(end - start, b"\0")


@dataclass(frozen=True)
class Log:
    """The undo log of one file: its changes since the last sync, and when that was, in monotonic nanoseconds."""

    writes: tuple[Write, ...]
    synced: int


def compile_layer(folder: Path) -> Path:
    """Compile the layer into a folder; gives the library to preload."""
    library = folder / "layer.so"
    source = Path(__file__).with_name("layer.c")
    subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def environment(layer: Path, data: Path, undo: Path, switches: Path) -> dict[str, str]:
    """Give the variables that put a process under the layer, and make ready the folder of the logs.

    Args:
        layer: The compiled library.
        data: The folder whose files a cut hits.
        undo: The folder of the logs, outside of `data` and on the same disk; any user may write into it.
        switches: The folder in which files named `full`, `slow`, `eio` and `clock` turn faults on, and `counts` lies.
    """
    for folder in (undo, switches):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
    (undo / _WATCHED).write_text(str(data.resolve()))
    named = {f"FAULT_{name.upper()}": str(switches / name) for name in ("full", "slow", "eio", "clock", "counts")}
    return {"LD_PRELOAD": str(layer), "FAULT_DIR": str(data.resolve()), "FAULT_UNDO": str(undo.resolve()), **named}


def seen(switches: Path) -> Seen:
    """Read what the layer counted so far."""
    return Seen(*struct.unpack("=7Q", (switches / "counts").read_bytes()[:56]))


def cut(undo: Path, random: Random, kind: Kind) -> Counts:
    """Take back what a power cut takes; every process that wrote must be dead. Then the logs are empty.

    Raises:
        struct.error: A log is damaged: a process still writes.
    """
    logs = {int(path.name): read_log(path) for path in undo.iterdir() if path.name.isdigit()}
    done = Counts()
    for inode, path in _files(undo):
        if inode in logs and logs[inode].writes:
            done += _take_back(path, logs[inode].writes, random, kind)
    done += Counts(names=_rename_back(undo, logs, random, kind))
    for path in undo.iterdir():
        if path.name != _WATCHED:
            path.unlink()
    return done


def read_log(path: Path) -> Log:
    """Read one undo log; what a killed process left behind the end is not read."""
    content = path.read_bytes()
    if len(content) < _HEADER.size:
        return Log((), 0)
    base, start, end, lost, synced = _HEADER.unpack_from(content)
    writes, position = [], start
    while position < end:
        at = _HEADER.size + position - base
        length, offset, old_size, old_bytes, flags = _RECORD.unpack_from(content, at)
        old = content[at + _RECORD.size : at + _RECORD.size + old_bytes]
        shrinks, is_synced = bool(flags & _SHRINK), bool(flags & _SYNCED)
        writes.append(Write(length, offset, old_size, old, shrinks, is_synced, position < lost))
        position += _RECORD.size + old_bytes
    return Log(tuple(writes), synced)


def _files(undo: Path) -> Iterator[tuple[int, Path]]:
    """Give each file that a log can speak of, by inode: a file with two names once."""
    watched = Path((undo / _WATCHED).read_text())
    paths = [Path(folder, name) for folder, _, names in os.walk(watched) for name in names]
    found = {path.lstat().st_ino: path for path in (*paths, *undo.glob(f"{_KEPT}*")) if not path.is_symlink()}
    yield from found.items()


def _shares(writes: tuple[Write, ...], random: Random, kind: Kind) -> list[float]:
    """Say how much of each write is taken back.

    A shrinking is whole or not at all, and where it is not, nothing that came after it is there.
    """
    if kind == "kept":
        return [float(write.lost and not write.synced) for write in writes]
    shrinks = [number for number, write in enumerate(writes) if write.shrinks]
    barrier = 0 if kind == "dropped" else random.choice([*shrinks, len(writes)])
    shares = []
    for number, write in enumerate(writes):
        share = 1.0 if number >= barrier or write.lost else 0.0 if write.shrinks else random.choice(_SHARES)
        shares.append(0.0 if write.synced else share)
    return shares


def _take_back(path: Path, writes: tuple[Write, ...], random: Random, kind: Kind) -> Counts:
    """Undo the writes of a file from the last to the first.

    A sector that keeps one write keeps all before it: a disk has versions of a sector, not mixtures.
    """
    unsynced = sum(not write.synced for write in writes)
    undone = sectors = 0
    with path.open("r+b", buffering=0) as file:
        size, settled, size_settled, cutoff = file.seek(0, os.SEEK_END), set[int](), False, 1 << 63
        for write, share in zip(reversed(writes), reversed(_shares(writes, random, kind)), strict=True):
            undone += share > 0
            for sector in write.sectors():
                if sector in settled or sector >= cutoff:
                    continue
                if random.random() >= share:
                    settled.add(sector)
                    continue
                start, old = write.before(sector)
                os.pwrite(file.fileno(), old, start)
                sectors += 1
            if write.shrinks and share == 0:
                cutoff = min(cutoff, -(-write.offset // SECTOR_BYTES))
            size_settled = size_settled or random.random() >= share
            size = size if size_settled else write.old_size
        file.truncate(size)
    return Counts(files=1, writes=unsynced, undone=undone, sectors=sectors)


@dataclass(frozen=True)
class Name:
    """A file made (C), removed (D) or renamed (R): the inodes of it, its folder and what it replaced; 0 for none."""

    what: str
    at: int
    inode: int
    folder: int
    kept: int
    path: Path
    other: str


def _names(undo: Path) -> list[Name]:
    """Read the log of names; a last line without an end was cut short by a kill."""
    log = undo / _NAMES
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    parts = [line.split("\t") for line in lines]
    return [Name(p[0], int(p[1]), int(p[2]), int(p[3]), int(p[4]), Path(p[5]), p[6]) for p in parts]


def _rename_back(undo: Path, logs: dict[int, Log], random: Random, kind: Kind) -> int:
    """Undo names whose file and folder were not synced since; torn: those after a point, as a journal does."""
    open_names = [
        name
        for name in _names(undo)
        if all(name.at >= logs[inode].synced for inode in (name.inode, name.folder) if inode in logs)
    ]
    first = {"dropped": 0, "torn": random.randint(0, len(open_names)), "kept": len(open_names)}[kind]
    return sum(_undo_name(undo, name) for name in reversed(open_names[first:]))


def _undo_name(undo: Path, name: Name) -> bool:
    """Undo one name, unless another file took its place for good."""
    there = name.path.lstat().st_ino if name.path.exists() else 0
    kept = undo / f"{_KEPT}{name.kept}"
    match name.what:
        case "C" if there == name.inode:
            name.path.unlink()
        case "R" if there == name.inode:
            name.path.rename(name.other)
            if name.kept:
                name.path.hardlink_to(kept)
        case "D" if not there:
            name.path.hardlink_to(kept)
        case _:
            return False
    return True
