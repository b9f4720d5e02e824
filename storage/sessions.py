"""Sessions: codes of one reporter's interview, and when something is due."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select, update

from bot.model.session import Session
from storage.tables import deliveries, inbox, parts, replies, sessions, shown

_SESSION = TypeAdapter(Session)


@dataclass(frozen=True, slots=True)
class Held:
    """A session as stored. `version` grows with every change of it."""

    session: Session
    version: int
    address_key: bytes
    address_encrypted: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When quiet time is over, and when everything of the session goes."""

    silence_due: datetime | None
    purge_at: datetime


def load(db: Connection, address_key: bytes) -> Held | None:
    """Give the session of one reporter."""
    row = db.execute(select(sessions).where(sessions.c.address_key == address_key)).first()
    return _held(row) if row else None


def _held(row: Any) -> Held:  # noqa: ANN401 - a row of a table
    return Held(_SESSION.validate_python(row.state, strict=False), row.version, row.address_key, row.address_encrypted)


def save(db: Connection, held: Held, deadlines: Deadlines) -> bool:
    """Write a session over the version it was read at (0: a new one); False if somebody else wrote meanwhile."""
    values = {
        "address_encrypted": held.address_encrypted,
        "ticket_id": held.session.ticket_id,
        "state": _SESSION.dump_python(held.session, mode="json"),
        "version": held.version + 1,
        "silence_due": deadlines.silence_due,
        "purge_at": deadlines.purge_at,
    }
    if held.version == 0:
        db.execute(insert(sessions).values(address_key=held.address_key, **values))
        return True
    return _overwrite(db, held, values)


def _overwrite(db: Connection, held: Held, values: dict[str, Any]) -> bool:
    at = (sessions.c.address_key == held.address_key) & (sessions.c.version == held.version)
    return db.execute(update(sessions).where(at).values(**values)).rowcount == 1


def silent(db: Connection, now: datetime, most: int = 100) -> Sequence[Held]:
    """Give sessions whose quiet time is over."""
    query = select(sessions).where(sessions.c.silence_due <= now).order_by(sessions.c.silence_due).limit(most)
    return [_held(row) for row in db.execute(query)]


def erase(db: Connection, held: Held) -> None:
    """Destroy all that is held of a reporter, but for the ids of messages that the channel has still to delete."""
    key, ticket_id = held.address_key, held.session.ticket_id
    db.execute(delete(parts).where(parts.c.ticket_id == ticket_id))
    db.execute(delete(deliveries).where(deliveries.c.ticket_id == ticket_id))
    for table in (replies, sessions):
        db.execute(delete(table).where(table.c.address_key == key))
    db.execute(delete(inbox).where(inbox.c.address_key == key, inbox.c.parked.is_(True)))


def purge(db: Connection, now: datetime) -> int:
    """Delete sessions whose time is up, with their sealed parts and finished deliveries; give how many."""
    rows = db.execute(select(sessions).where(sessions.c.purge_at <= now).limit(100)).all()
    gone = [held for held in map(_held, rows) if not _still_waits(db, held)]
    for held in gone:
        erase(db, held)
    return len(gone)


def _still_waits(db: Connection, held: Held) -> bool:
    waiting = deliveries.c.state.in_(("waiting", "parked"))
    query = select(deliveries.c.id).where(deliveries.c.ticket_id == held.session.ticket_id, waiting).limit(1)
    return db.execute(query).first() is not None


def remember_shown(db: Connection, address_key: bytes, message_ids: Sequence[str], now: datetime) -> None:
    """Keep which messages could be deleted."""
    if message_ids:
        rows = [{"address_key": address_key, "message_id": id_, "at": now} for id_ in message_ids]
        db.execute(insert(shown), rows)


def shown_to(db: Connection, address_key: bytes) -> Sequence[str]:
    """Give the channel's ids of the messages that it could still delete."""
    return list(db.scalars(select(shown.c.message_id).where(shown.c.address_key == address_key)))


def hide(db: Connection, address_key: bytes, message_ids: Sequence[str]) -> None:
    """Forget messages that the channel has deleted."""
    db.execute(delete(shown).where(shown.c.address_key == address_key, shown.c.message_id.in_(message_ids)))


def forget_shown(db: Connection, before: datetime) -> None:
    """Forget messages that no channel would delete any more."""
    db.execute(delete(shown).where(shown.c.at < before))
