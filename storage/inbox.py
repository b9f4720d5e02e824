"""Updates that were accepted and are not yet worked on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import inbox, seen


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update as it arrived: encrypted already."""

    channel: str
    dedupe: str
    address_key: bytes
    body_encrypted: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One update that waits for its turn."""

    id: int
    channel: str
    dedupe: str
    address_key: bytes
    body_encrypted: bytes = field(repr=False)
    attempts: int
    received_at: datetime


def put(db: Connection, arrivals: Iterable[Arrival], now: datetime) -> Sequence[bytes]:
    """Keep what was not seen before; give the address keys that have something new."""
    return [arrival.address_key for arrival in arrivals if _put_one(db, arrival, now)]


def _put_one(db: Connection, arrival: Arrival, now: datetime) -> bool:
    row = {"channel": arrival.channel, "dedupe": arrival.dedupe}
    insert_new = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    if not db.execute(insert_new(seen).values(**row, at=now).on_conflict_do_nothing()).rowcount:
        return False
    db.execute(
        insert(inbox).values(
            **row, address_key=arrival.address_key, body_encrypted=arrival.body_encrypted, received_at=now
        )
    )
    return True


def first(db: Connection, address_key: bytes) -> InboxRow | None:
    """Give the oldest update of one reporter."""
    row = db.execute(
        select(inbox).where(inbox.c.address_key == address_key, inbox.c.parked.is_(False)).order_by(inbox.c.id).limit(1)
    ).first()
    if row is None:
        return None
    return InboxRow(row.id, row.channel, row.dedupe, row.address_key, row.body_encrypted, row.attempts, row.received_at)


def waiting(db: Connection) -> Sequence[bytes]:
    """Give the address keys with anything to do, the longest waiting first."""
    query = select(inbox.c.address_key).where(inbox.c.parked.is_(False)).group_by(inbox.c.address_key)
    return list(db.scalars(query.order_by(func.min(inbox.c.id))))


def size(db: Connection) -> tuple[int, int]:
    """Count what waits and what is parked."""
    counts: dict[bool, int] = dict(db.execute(select(inbox.c.parked, func.count()).group_by(inbox.c.parked)).all())
    return counts.get(False, 0), counts.get(True, 0)


def newest(db: Connection) -> int:
    """Give the id of the newest update that waits; 0 if none does."""
    return db.scalar(select(func.max(inbox.c.id))) or 0


def finish(db: Connection, row_id: int) -> None:
    """Forget an update; call it in the transaction of its effects."""
    db.execute(delete(inbox).where(inbox.c.id == row_id))


def failed(db: Connection, row_id: int) -> None:
    """Count a try that did not end."""
    db.execute(update(inbox).where(inbox.c.id == row_id).values(attempts=inbox.c.attempts + 1))


def park(db: Connection, row_id: int) -> None:
    """Set an update aside, encrypted, for a person to look at."""
    db.execute(update(inbox).where(inbox.c.id == row_id).values(parked=True))


def forget_seen(db: Connection, before: datetime) -> None:
    """Forget ids that no channel delivers again."""
    db.execute(delete(seen).where(seen.c.at < before))
