"""Words that open a report again, on any channel; and those that open nothing, counted and slowed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from storage import inbox, replies, sessions
from storage.replies import NewReply
from storage.sessions import Deadlines, Held
from storage.some import delete_some
from storage.tables import sessions as table
from storage.tables import tries

FREE_TRIES = 5
"""Typing eight words on a borrowed phone goes wrong; a machine that guesses 64 bits is not helped by five."""
_MOST_DOUBLINGS = 10
LONGEST_LOCK = timedelta(minutes=2**_MOST_DOUBLINGS)
"""Seventeen hours."""


def may_try(db: Connection, address_key: bytes, now: datetime) -> bool:
    """Tell whether an address may try words now: after five that opened nothing it waits, twice as long each time."""
    locked_until = db.scalar(select(tries.c.locked_until).where(tries.c.address_key == address_key))
    return locked_until is None or now >= locked_until


def of_key(db: Connection, receipt_key: bytes) -> Held | None:
    """Give the session that words open."""
    return sessions.where(db, table.c.receipt_key == receipt_key)


@dataclass(frozen=True, slots=True)
class Try:
    """The update that gave words, the answer to it, and when."""

    row_id: int
    reply: NewReply
    now: datetime


def refuse(db: Connection, tried: Try) -> None:
    """Say that the words open nothing, and count it."""
    key = tried.reply.address_key
    wrong = 1 + (db.scalar(select(tries.c["count"]).where(tries.c.address_key == key).with_for_update()) or 0)
    row = {"count": wrong, "at": tried.now, "locked_until": _locked_until(wrong, tried.now)}
    if wrong == 1:
        db.execute(insert(tries).values({"address_key": key, **row}))
    else:
        db.execute(update(tries).where(tries.c.address_key == key).values(row))
    _answer(db, tried)


def _locked_until(wrong: int, now: datetime) -> datetime | None:
    if wrong < FREE_TRIES:
        return None
    return now + timedelta(minutes=2 ** min(wrong - FREE_TRIES, _MOST_DOUBLINGS))


def move(db: Connection, held: Held, to: Held, deadlines: Deadlines, tried: Try) -> None:
    """Hand a session over to the address that gave its words; what stood there before is filed already."""
    if to.address_key != held.address_key:
        db.execute(delete(table).where(table.c.address_key == to.address_key))
        db.execute(update(table).where(table.c.address_key == held.address_key).values(address_key=to.address_key))
    db.execute(delete(tries).where(tries.c.address_key == to.address_key))
    sessions.save(db, replace(to, version=held.version), deadlines)
    _answer(db, tried)


def _answer(db: Connection, tried: Try) -> None:
    replies.add(db, tried.reply, tried.now)
    inbox.finish(db, tried.row_id)


def forget(db: Connection, before: datetime) -> bool:
    """Forget tries of long ago, some at a time; tell whether there may be more."""
    return delete_some(db, tries, tries.c.at < before)
