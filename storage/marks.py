"""When something of the whole installation last happened, whichever replica did it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.tables import marks

SWEEP = "sweep"
"""The last look at deadlines."""


def put(db: Connection, name: str, at: datetime) -> None:
    """Remember that something happened."""
    if db.execute(update(marks).where(marks.c.name == name).values(at=at)).rowcount == 0:
        db.execute(insert(marks).values(name=name, at=at))


def all_of(db: Connection) -> Mapping[str, datetime]:
    """Give every mark."""
    return {row.name: row.at for row in db.execute(select(marks))}
