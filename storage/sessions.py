"""Sessions: codes of one reporter's interview, and when something is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, select, update

from bot.errors import SessionMoved
from bot.model.session import Session
from storage.new import insert_new
from storage.some import delete_some
from storage.tables import deliveries, inbox, letters, parts, replies, sessions, shown

_SESSION = TypeAdapter(Session)
_PUT_OFF = timedelta(hours=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """A session as stored. `version` grows with every change of it; `purge_at` is when its time is up."""

    session: Session
    version: int
    address_key: bytes
    address_encrypted: bytes = field(repr=False)
    begun_at: datetime
    purge_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When quiet time is over, and when everything of the session goes."""

    silence_due: datetime | None
    purge_at: datetime


_LOAD = select(sessions).where(sessions.c.address_key == bindparam("key"))
_AS_READ = (
    select(sessions.c.version, sessions.c.ticket_id).where(sessions.c.address_key == bindparam("key")).with_for_update()
)


def load(db: Connection, address_key: bytes) -> Held | None:
    """Give the session of one reporter."""
    return loader(db, address_key)()


def loader(db: Connection, address_key: bytes) -> Callable[[], Held | None]:
    """Fetch the session of one reporter now, and give what reads it."""
    row = db.execute(_LOAD, {"key": address_key}).first()
    return lambda: _held(row) if row else None


def of_ticket(db: Connection, ticket_id: UUID) -> Held | None:
    """Give the session of one report."""
    return where(db, sessions.c.ticket_id == ticket_id)


def where(db: Connection, condition: ColumnElement[bool]) -> Held | None:
    """Give the one session of which something is true; nobody changes it before this transaction ends."""
    row = db.execute(select(sessions).where(condition).with_for_update()).first()
    return _held(row) if row else None


def _held(row: Any) -> Held:  # noqa: ANN401 - a row of a table
    session = _SESSION.validate_python(row.state, strict=False)
    return Held(session, row.version, row.address_key, row.address_encrypted, row.begun_at, row.purge_at)


_BEGIN = insert_new(sessions, sessions.c.version)
_SAVE = update(sessions).where(sessions.c.address_key == bindparam("key"))
_AWAIT_WORD = update(sessions).where(
    sessions.c.ticket_id == bindparam("ticket"), sessions.c.state["handling"].as_string().is_(None)
)


def save(db: Connection, held: Held, deadlines: Deadlines, receipt_key: bytes | None = None) -> None:
    """Write a session; see first that it `is_as_read`. A new receipt's key replaces the one before.

    Raises:
        SessionMoved: Another replica began a session for this reporter at the same moment.
    """
    values = {
        "address_encrypted": held.address_encrypted,
        "ticket_id": held.session.ticket_id,
        "state": _SESSION.dump_python(held.session, mode="json"),
        "version": held.version + 1,
        "silence_due": deadlines.silence_due,
        "purge_at": deadlines.purge_at,
        **({"receipt_key": receipt_key} if receipt_key else {}),
    }
    if held.version == 0:
        new = {"address_key": held.address_key, "begun_at": held.begun_at, **values}
        if db.execute(_BEGIN[db.dialect.name], new).first() is None:
            raise SessionMoved("a session was begun meanwhile")
    else:
        db.execute(_SAVE, {"key": held.address_key, **values})


def is_as_read(db: Connection, held: Held) -> bool:
    """Tell whether a session is still what was read: none (version 0), or the same report at the same version."""
    row = db.execute(_AS_READ, {"key": held.address_key}).first()
    return held.version == 0 if row is None else tuple(row) == (held.version, held.session.ticket_id)


def silent(db: Connection, now: datetime, most: int = 100) -> Sequence[Held]:
    """Give sessions whose quiet time is over; one that cannot be read is put off, and holds nobody up."""
    query = select(sessions).where(sessions.c.silence_due <= now).order_by(sessions.c.silence_due).limit(most)
    return [held for row in db.execute(query).all() if (held := _readable(db, row, now))]


def _readable(db: Connection, row: Any, now: datetime) -> Held | None:  # noqa: ANN401 - a row of a table
    try:
        return _held(row)
    except ValidationError as error:
        log.error("session.unreadable", error=type(error).__name__)
    mine = sessions.c.address_key == row.address_key
    db.execute(update(sessions).where(mine).values(silence_due=now + _PUT_OFF))
    return None


def await_word(db: Connection, ticket_id: UUID, ack_due: datetime) -> None:
    """Remember by when the hotline should say that it saw a report that it has now, unless it has said so already."""
    db.execute(_AWAIT_WORD, {"ticket": ticket_id, "ack_due": ack_due})


def acknowledged(db: Connection, ticket_id: UUID) -> None:
    """The hotline has said something of a report."""
    db.execute(update(sessions).where(sessions.c.ticket_id == ticket_id).values(ack_due=None))


def unacknowledged(db: Connection, now: datetime) -> int:
    """Count the reports that the hotline has and said nothing of in time."""
    return db.scalar(select(func.count()).select_from(sessions).where(sessions.c.ack_due <= now)) or 0


def erase(db: Connection, held: Held) -> None:
    """Destroy all that is held of a reporter, but for the ids of messages that the channel has still to delete."""
    _forget(db, [held.address_key], [held.session.ticket_id])
    db.execute(delete(inbox).where(inbox.c.address_key == held.address_key, inbox.c.parked.is_(True)))


def _forget(db: Connection, keys: Sequence[bytes], ticket_ids: Sequence[UUID]) -> None:
    for of_ticket_ in (parts, deliveries, letters):
        db.execute(delete(of_ticket_).where(of_ticket_.c.ticket_id.in_(ticket_ids)))
    for of_key in (replies, sessions):
        db.execute(delete(of_key).where(of_key.c.address_key.in_(keys)))


def purge(db: Connection, now: datetime, most: int = 20) -> int:
    """Delete sessions whose time is up, with their sealed parts and finished deliveries, some at a time; give how many.

    What the hotline does not have yet stays, and so do updates that wait for a person.
    """
    on_its_way = exists().where(
        deliveries.c.ticket_id == sessions.c.ticket_id, deliveries.c.state.in_(("waiting", "parked"))
    )
    over = (sessions.c.purge_at <= now) & ~on_its_way
    oldest = select(sessions.c.address_key, sessions.c.ticket_id).where(over).order_by(sessions.c.purge_at).limit(most)
    rows = db.execute(oldest.with_for_update(skip_locked=True)).all()
    if rows:
        _forget(db, [row.address_key for row in rows], [row.ticket_id for row in rows])
    return len(rows)


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


def forget_shown(db: Connection, before: datetime) -> bool:
    """Forget messages that no channel would delete any more, some at a time; tell whether there may be more."""
    return delete_some(db, shown, shown.c.at < before)
