"""Updates that were accepted and are not yet worked on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from bot.errors import SessionMoved
from bot.model.codes import Lane
from storage.new import insert_new
from storage.some import delete_some
from storage.tables import inbox, replies, seen


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update as it arrived: encrypted already."""

    channel: str
    dedupe: str
    address_key: bytes
    body_encrypted: bytes = field(repr=False)
    lane: Lane = Lane.NORMAL


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest update that waits for one reporter, and the best lane among all that wait."""

    address_key: bytes
    id: int
    lane: Lane


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
    lane: Lane


_NEW_SEEN = insert_new(seen, seen.c.channel, seen.c.dedupe)
_NEW = insert(inbox)
_FINISH = delete(inbox).where(inbox.c.id == bindparam("row"))


def put(db: Connection, arrivals: Sequence[Arrival], now: datetime) -> Sequence[Arrival]:
    """Keep what was not seen before, all in one statement each, and give it."""
    if not arrivals:
        return []
    named = {(arrival.channel, arrival.dedupe): arrival for arrival in arrivals}
    ids = [{"channel": channel, "dedupe": dedupe, "at": now} for channel, dedupe in sorted(named)]  # no deadlock
    found = {tuple(row) for row in db.execute(_NEW_SEEN[db.dialect.name], ids)}
    new = [arrival for key, arrival in named.items() if key in found]
    if new:
        db.execute(_NEW, [_row(arrival, now) for arrival in new])
    return new


def _row(arrival: Arrival, now: datetime) -> dict[str, object]:
    return {
        "channel": arrival.channel,
        "dedupe": arrival.dedupe,
        "address_key": arrival.address_key,
        "body_encrypted": arrival.body_encrypted,
        "received_at": now,
        "lane": arrival.lane,
    }


_FIRST = (
    select(inbox)
    .where(inbox.c.address_key == bindparam("key"), inbox.c.parked.is_(False))
    .order_by(inbox.c.id)
    .limit(1)
)


def first(db: Connection, address_key: bytes) -> InboxRow | None:
    """Give the oldest update of one reporter."""
    row = db.execute(_FIRST, {"key": address_key}).first()
    if row is None:
        return None
    return InboxRow(
        row.id,
        row.channel,
        row.dedupe,
        row.address_key,
        row.body_encrypted,
        row.attempts,
        row.received_at,
        Lane(row.lane),
    )


def has_more(db: Connection, address_key: bytes) -> bool:
    """Tell whether anything waits of one reporter."""
    return db.execute(_FIRST, {"key": address_key}).first() is not None


def heads(db: Connection, most: int = 100_000) -> Sequence[Head]:
    """Give the reporters with anything to do, the best lane first, then the longest waiting."""
    oldest, lane = func.min(inbox.c.id), func.min(inbox.c.lane)
    query = select(inbox.c.address_key, oldest, lane).where(inbox.c.parked.is_(False)).group_by(inbox.c.address_key)
    rows = db.execute(query.order_by(lane, oldest).limit(most))
    return [Head(key, id_, Lane(best)) for key, id_, best in rows]


def oldest(db: Connection) -> datetime | None:
    """Give when the update that waits longest came."""
    at: datetime | None = db.scalar(select(func.min(inbox.c.received_at)).where(inbox.c.parked.is_(False)))
    return at


def size(db: Connection) -> tuple[int, int]:
    """Count what waits and what is parked."""
    counts: dict[bool, int] = dict(db.execute(select(inbox.c.parked, func.count()).group_by(inbox.c.parked)).all())
    return counts.get(False, 0), counts.get(True, 0)


def newest(db: Connection) -> int:
    """Give the id of the newest update that waits; 0 if none does."""
    return db.scalar(select(func.max(inbox.c.id))) or 0


def finish(db: Connection, row_id: int) -> None:
    """Forget an update; call it in the transaction of its effects.

    Raises:
        SessionMoved: Another replica has worked it off meanwhile.
    """
    if db.execute(_FINISH, {"row": row_id}).rowcount == 0:
        raise SessionMoved("the update was worked off meanwhile")


def failed(db: Connection, row_id: int) -> None:
    """Count a try that did not end."""
    db.execute(update(inbox).where(inbox.c.id == row_id).values(attempts=inbox.c.attempts + 1))


def park(db: Connection, row_id: int) -> None:
    """Set an update aside, encrypted, for a person to look at."""
    db.execute(update(inbox).where(inbox.c.id == row_id).values(parked=True))


def retry(db: Connection) -> int:
    """Let every update that was set aside be tried once more; give how many.

    What was said to it then makes room for the answer that comes now.
    """
    said = exists().where(inbox.c.parked, inbox.c.channel == replies.c.channel, inbox.c.dedupe == replies.c.cause)
    db.execute(delete(replies).where(said))
    return db.execute(update(inbox).where(inbox.c.parked.is_(True)).values(parked=False, attempts=0)).rowcount


def forget_seen(db: Connection, before: datetime) -> bool:
    """Forget ids that no channel delivers again, some at a time; tell whether there may be more."""
    return delete_some(db, seen, seen.c.at < before)
