"""How pgqueuer reaches PostgreSQL: in the transaction of a turn, and on two connections of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Self, cast

import psycopg
import structlog
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import NotifyCallback
from psycopg.rows import dict_row
from sqlalchemy import Connection

from storage.opening import POSTGRES

type Row = dict[str, object]

_PAUSE_SECONDS = 0.5

log = structlog.get_logger()


class InTransaction:
    """pgqueuer's own synchronous driver insists on autocommit; this one stays in the caller's transaction."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def fetch(self, query: str, *args: object) -> list[Row]:
        """See pgqueuer's driver port."""
        cursor = psycopg.RawCursor(self._connection, row_factory=dict_row)
        return cursor.execute(query, args).fetchall()


class Line:
    """Two connections, made again whenever they are cut: one asks, one listens.

    pgqueuer's own driver ends with its connection; and as it listens on the one it asks on, each question may
    wait a second for the listener to let go. Asking again is safe: what a lost answer had picked goes stale.
    """

    def __init__(self, address: str) -> None:
        self.shutdown, self.tm = asyncio.Event(), TaskManager()
        self._address, self._lock = address, asyncio.Lock()
        self._asks: psycopg.AsyncConnection | None = None
        self._listeners: list[asyncio.Task[None]] = []

    async def fetch(self, query: str, *args: object) -> list[Row]:
        """See pgqueuer's driver port."""
        cursor = await self._ask(query, args)
        return await cursor.fetchall()

    async def execute(self, query: str, *args: object) -> str:
        """See pgqueuer's driver port."""
        cursor = await self._ask(query, args)
        return cursor.statusmessage or ""

    async def notify(self, channel: str, payload: str) -> None:
        """See pgqueuer's driver port."""
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """See pgqueuer's driver port."""
        self._listeners.append(asyncio.create_task(self._listen(channel, callback)))

    async def __aenter__(self) -> Self:
        """Give itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Does nothing: pgqueuer leaves before its last writes, so `close` is ours to call."""

    async def close(self) -> None:
        """Give both connections back."""
        for listener in self._listeners:
            listener.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        if self._asks:
            await self._asks.close()

    async def _ask(self, query: str, args: tuple[object, ...]) -> psycopg.AsyncRawCursor[Row]:
        async with self._lock:
            while True:
                try:
                    if self._asks is None or self._asks.closed:
                        self._asks = await self._connect()
                    cursor = psycopg.AsyncRawCursor(self._asks, row_factory=dict_row)
                    return await cursor.execute(query, args or None)
                except psycopg.OperationalError as error:
                    log.warning("jobs.cut", error=type(error).__name__)
                    await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen(self, channel: str, callback: NotifyCallback) -> None:
        while True:
            try:
                async with await self._connect() as ears:
                    await ears.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                    async for notice in ears.notifies():
                        callback(notice.payload)
            except psycopg.OperationalError:
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._address, autocommit=True, **POSTGRES)


@contextlib.asynccontextmanager
async def lasting(address: str) -> AsyncIterator[Line]:
    """Give both connections for as long as the block lasts."""
    line = Line(address)
    try:
        yield line
    finally:
        await line.close()


def driver_of(db: Connection) -> psycopg.Connection:
    """Give the driver's own connection below ours."""
    return cast("psycopg.Connection", db.connection.driver_connection)
