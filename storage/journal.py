"""A second place for what was accepted, on another disk: with a copy of the database it brings back everything.

Lines of JSON, each update encrypted with the data key as in the database. One file an hour.
"""

import base64
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.model.codes import Lane
from storage import cipher, inbox
from storage.inbox import Arrival

_NAME = "updates-%Y-%m-%dT%H.jsonl"
_COPIED = "copied"
"""An empty file, as old as the newest copy."""
_UNDER_WAY = timedelta(minutes=1)
"""An update that is written here is in the database by then, or never."""
_AT_ONCE = 200


class Journal:
    """Writes before the database does: what only stands here is delivered again by its channel, and kept once."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is there."""
        self._folder = folder

    def append(self, arrivals: Sequence[Arrival]) -> None:
        """Write updates; durable when this returns. Raises OSError."""
        lines = "\n" + "".join(_line(arrival) + "\n" for arrival in arrivals)  # a torn line may stand before
        file = self._folder / datetime.now(UTC).strftime(_NAME)
        is_new = not file.exists()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _write(descriptor, lines.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            cipher.sync(self._folder)

    def copied(self, begun: datetime) -> None:
        """Remember when a copy was begun, and let go of what the copy before it holds.

        What this copy holds stays: it may still lie on the database's own disk.
        """
        mark = self._folder / _COPIED
        if mark.exists():
            self._forget(datetime.fromtimestamp(mark.stat().st_mtime, UTC) - _UNDER_WAY)
        mark.touch(mode=0o600)
        os.utime(mark, (begun.timestamp(), begun.timestamp()))

    def _forget(self, before: datetime) -> None:
        """Delete the files of hours that ended before."""
        for file in self._files():
            if datetime.strptime(file.name, _NAME).replace(tzinfo=UTC) + timedelta(hours=1) < before:
                file.unlink()

    def replay(self, db: Connection, now: datetime) -> int:
        """Put back what the database does not know; give how many."""
        found = list(self._arrivals())
        groups = [found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE)]
        return sum(len(inbox.put(db, group, now)) for group in groups)

    def _arrivals(self) -> Iterator[Arrival]:
        for file in self._files():
            for line in file.read_text("utf-8").splitlines():
                if arrival := _arrival(line):
                    yield arrival

    def _files(self) -> Sequence[Path]:
        return sorted(self._folder.glob("updates-*.jsonl"))


def _line(arrival: Arrival) -> str:
    return json.dumps(
        [
            arrival.channel,
            arrival.dedupe,
            base64.b64encode(arrival.address_key).decode(),
            base64.b64encode(arrival.body_encrypted).decode(),
            int(arrival.lane),
        ]
    )


def _arrival(line: str) -> Arrival | None:
    """Read a line; one that a power cut or a full disk tore was not confirmed."""
    try:
        channel, dedupe, key, body, lane = json.loads(line)
        return Arrival(channel, dedupe, base64.b64decode(key), base64.b64decode(body), Lane(lane))
    except ValueError:
        return None


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it, or raise OSError."""
    if os.write(descriptor, data) != len(data):
        raise OSError("the disk is full")
