"""Who works on what, where several replicas share one database. A claim ends with the replica that holds it.

What two replicas do at once all the same, while the network splits, the versions of rows sort out.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from storage.opening import CUT_OFF_SECONDS
from storage.store import Store

_WORD_EVERY_SECONDS = 4.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that is held by one connection: the first is number 0, each after a loss one more."""

    connection: int = 0


class Claims:
    """Advisory locks on one connection of PostgreSQL; with one process on SQLite every claim is to be had."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="claims")
        self._connection: Connection | None = None
        self._losses = 0

    @asynccontextmanager
    async def hold(self, kind: str, key: bytes = b"") -> AsyncIterator[Claim | None]:
        """Hold a claim for as long as the block lasts; gives None if it was not to be had.

        The same replica may hold one twice: within a process other locks keep order.
        """
        if not self._store.is_shared:
            yield Claim()
            return
        number = _number(kind, key)
        asked = self._thread.submit(self._lock, number)
        try:
            yield await asyncio.wrap_future(asked)
        finally:
            asked.add_done_callback(partial(self._let_go, number))  # whoever asked may have been cancelled meanwhile

    async def are_kept(self, claim: Claim) -> bool:
        """Tell whether the connection that holds a claim is alive still."""
        return not self._store.is_shared or (await self._word() and claim.connection == self._losses)

    async def run(self) -> None:
        """Give word to the database every few seconds, until cancelled: who is silent loses its claims."""
        while True:
            await self._word()
            await asyncio.sleep(_WORD_EVERY_SECONDS)

    async def _word(self) -> bool:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, self._ask_now, "SELECT %s::bigint = 0", 0))

    def _lock(self, number: int) -> Claim | None:
        is_ours = self._ask_now("SELECT pg_try_advisory_lock(%s::bigint)", number)
        return Claim(self._losses) if is_ours else None

    def _let_go(self, number: int, asked: Future[Claim | None]) -> None:
        claim = None if asked.cancelled() else asked.result()
        if claim:
            with suppress(RuntimeError):  # all is closed: so are the claims
                self._thread.submit(self._unlock, number, claim)

    def _unlock(self, number: int, claim: Claim) -> None:
        if claim.connection == self._losses:
            self._ask_now("SELECT pg_advisory_unlock(%s::bigint)", number)

    def _ask_now(self, question: str, number: int) -> bool:
        try:
            connection = self._connection = self._connection or self._opened()
            return bool(connection.exec_driver_sql(question, (number,)).scalar())
        except SQLAlchemyError as error:
            log.warning("claims.lost", error=type(error).__name__)
            self._lose()
            return False

    def _opened(self) -> Connection:
        connection = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(f"SET idle_session_timeout = '{CUT_OFF_SECONDS}s'"))
        return connection

    def _lose(self) -> None:
        self._losses += 1
        if self._connection:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
        self._connection = None

    def close(self) -> None:
        """Let go of every claim."""
        self._thread.submit(self._lose)
        self._thread.shutdown()


def _number(kind: str, key: bytes) -> int:
    """Give the 64 bits that PostgreSQL takes for a name; a rare collision makes one wait for the other."""
    digest = sha256(kind.encode() + b"\0" + key).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
