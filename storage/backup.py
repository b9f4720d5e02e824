"""A copy of the SQLite file while it is used, and a copy put back. PostgreSQL has its own tools for both."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sqlcipher3 import dbapi2

from bot.errors import SettingsError
from storage import cipher


def make(database: Path, copy: Path, data_key: bytes) -> None:
    """Write a consistent copy, encrypted with the same key; the service may go on meanwhile.

    Raises:
        SettingsError: There is no database, the copy is there already, or it cannot be written.
    """
    if not database.exists():
        raise SettingsError("there is no database to copy")
    try:
        copy.touch(mode=0o600, exist_ok=False)
    except OSError:
        raise SettingsError("the copy is there already, or cannot be written") from None
    source, target = _opened(database, data_key), _opened(copy, data_key)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
    cipher.sync(copy)
    cipher.sync(copy.parent)


def put_back(copy: Path, database: Path, data_key: bytes) -> None:
    """Put a copy in the database's place; what stood there stays beside it as `*.before`.

    Raises:
        SettingsError: The copy does not open with the data key, or is damaged; nothing is changed then.
    """
    _check(copy, data_key)
    fresh = database.with_name(database.name + ".restored")
    try:
        shutil.copyfile(copy, fresh)
        fresh.chmod(0o600)
        cipher.sync(fresh)
        _set_aside(database)
        fresh.replace(database)
        cipher.sync(database.parent)
    except OSError:
        raise SettingsError("the copy cannot be put back there") from None


def _set_aside(database: Path) -> None:
    """Move the old file away with its log, which belongs to no other file."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{database}{suffix}").replace(f"{database}.before{suffix}")


def _check(copy: Path, data_key: bytes) -> None:
    if not copy.is_file():
        raise SettingsError("there is no such copy")
    connection = _opened(copy, data_key)
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except dbapi2.DatabaseError:
        whole = False
    finally:
        connection.close()
    if not whole:
        raise SettingsError("the copy is damaged, or QUIETLINE_DATA_KEY is not the one it was made with")


def _opened(file: Path, data_key: bytes) -> "dbapi2.Connection":
    connection = dbapi2.connect(os.fspath(file), isolation_level=None)
    connection.execute(f"PRAGMA key={cipher.key_of(data_key)}")
    return connection
