"""The database: migrated, and asked by plain functions in worker threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, DBAPIError

from bot.errors import SettingsError
from storage import jobs
from storage.opening import CONNECTIONS, open_engine

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_MIGRATING = 0x71756965746C696E
"""The advisory lock under which one replica migrates while the others wait."""


class Store:
    """Transactions on one database, each a plain function of a connection.

    SQLite has one writer thread, PostgreSQL several. On both a function that is run once more because the connection
    was lost under it changes nothing twice: every one of ours finds its own traces.
    """

    def __init__(self, url: str, data_key: bytes | None = None) -> None:
        """Open a database by its SQLAlchemy address; `migrate` makes its tables."""
        self.engine = open_engine(url, data_key)
        self.is_shared = self.engine.dialect.name == "postgresql"
        self._threads = ThreadPoolExecutor(CONNECTIONS if self.is_shared else 1, thread_name_prefix="store")

    async def run[**P, R](
        self, function: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run one transaction: all of it is durable when this returns, or none of it is there."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self.run_now(function, *args, **kwargs))

    def run_now[**P, R](
        self, function: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run one transaction in this thread; once more if the connection had died."""
        try:
            with self.engine.begin() as db:
                return function(db, *args, **kwargs)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self.engine.begin() as db:
            return function(db, *args, **kwargs)

    def migrate(self) -> None:
        """Bring the tables to this version; tables of a newer one are left as they are, for an upgrade is under way.

        Raises:
            SettingsError: The data key does not open the database.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        try:
            with self.engine.begin() as db:
                if self.is_shared:
                    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
                if not _is_newer(db, ScriptDirectory.from_config(config)):
                    config.attributes["connection"] = db
                    command.upgrade(config, "head")
                    if self.is_shared:
                        jobs.install(db)
        except DatabaseError as error:
            if "not a database" in str(error.orig):
                raise SettingsError("QUIETLINE_DATA_KEY: does not open the database") from None
            raise

    def scrub(self) -> None:
        """Leave nothing of what was deleted in SQLite's write-ahead log; for PostgreSQL see `vacuum`."""
        if not self.is_shared:
            self._bare("PRAGMA wal_checkpoint(TRUNCATE)")

    def vacuum(self) -> None:
        """Leave no row that was deleted, where PostgreSQL keeps it for a while; SQLite overwrites it at once."""
        if self.is_shared:
            self._bare("VACUUM sessions, parts, deliveries, replies, letters, inbox, shown, tries, pgqueuer")

    def _bare(self, statement: str) -> None:
        with self.engine.connect() as db:
            raw = db.connection.driver_connection
            assert raw  # noqa: S101 - just opened
            if self.is_shared:
                raw.autocommit = True
            try:
                raw.execute(statement)
            finally:
                if self.is_shared:
                    raw.autocommit = False

    def close(self) -> None:
        """Finish what runs, and close."""
        self._threads.shutdown()
        self.engine.dispose()


def _is_newer(db: Connection, scripts: ScriptDirectory) -> bool:
    """Tell whether the tables are of a version that this code does not know."""
    known = {script.revision for script in scripts.walk_revisions()}
    return not set(MigrationContext.configure(db).get_current_heads()) <= known
