"""The SQLite file is encrypted as a whole (SQLCipher), with a key made from the data key."""

import fcntl
import hmac
import os
from hashlib import sha256
from pathlib import Path

from sqlcipher3 import dbapi2

_PLAIN = b"SQLite format 3\0"


def key_of(data_key: bytes) -> str:
    """Give what `PRAGMA key` takes: a raw key of 32 bytes, so that nothing is derived at each opening."""
    return f"\"x'{hmac.digest(data_key, b'quietline database file', sha256).hex()}'\""


def is_plain(file: Path) -> bool:
    """Tell whether a file is an SQLite database that was never encrypted."""
    if not file.exists():
        return False
    with file.open("rb") as held:
        return held.read(len(_PLAIN)) == _PLAIN


def encrypt(file: Path, key: str) -> None:
    """Put an encrypted copy of a plain database in its place, if no other process does; cut short, it begins again."""
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # SQLite's own locks are of another kind
        if is_plain(file):
            _encrypt(file, key)


def _encrypt(file: Path, key: str) -> None:
    copy = file.with_name(file.name + ".new")
    copy.unlink(missing_ok=True)
    plain = dbapi2.connect(str(file), isolation_level=None)
    try:
        plain.execute("PRAGMA journal_mode=DELETE")  # what the write-ahead log held goes into the file
        plain.execute(f"ATTACH DATABASE ? AS encrypted KEY {key}", (str(copy),))
        plain.execute("SELECT sqlcipher_export('encrypted')")
        plain.execute("DETACH DATABASE encrypted")
    finally:
        plain.close()
    sync(copy)
    copy.replace(file)
    sync(file.parent)


def sync(path: Path) -> None:
    """Make what a file or folder holds durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
