"""How much waits, for the metrics of each replica."""

import asyncio
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from bot.metrics import OLDEST, SWEPT, UNACKNOWLEDGED, WAITING
from storage import inbox, marks, outbox, sessions
from storage.store import Store

_EVERY_SECONDS = 5.0

log = structlog.get_logger()


class Counting:
    """Counts every few seconds."""

    def __init__(self, store: Store) -> None:
        """Take where things wait."""
        self._store = store

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            try:
                await self._store.run(_count, datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - without a database there is nothing to count
                log.error("counting.failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)


def _count(db: Connection, now: datetime) -> None:
    for queue, size, oldest in (("inbox", inbox.size, inbox.oldest), ("outbox", outbox.size, outbox.oldest)):
        waiting, parked = size(db)
        WAITING.labels(queue).set(waiting)
        WAITING.labels(queue + "_parked").set(parked)
        since = oldest(db)
        OLDEST.labels(queue).set((now - since).total_seconds() if since else 0)
    UNACKNOWLEDGED.set(sessions.unacknowledged(db, now))
    if swept := marks.all_of(db).get(marks.SWEEP):
        SWEPT.set(swept.timestamp())
