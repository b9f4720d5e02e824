"""Deliveries: written in the transaction of the turn, sent from what was committed, in order for each ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    union_all,
    update,
)

from bot.model.codes import ATTACHMENTS, Lane
from bot.model.delivery import Delivery, OpenPart
from bot.model.part import SealedPart
from storage import jobs
from storage.some import delete_some
from storage.tables import deliveries, parts


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An event to add to the outbox: a ticket revision, or one sealed file. `due_at`: not before."""

    webhook_id: str
    type: str
    due_at: datetime
    open_part: OpenPart | None = None
    part_id: UUID | None = None
    lane: Lane = Lane.NORMAL
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to try now, with what its body is made of."""

    id: int
    delivery: Delivery
    open_part: OpenPart | None
    parts: tuple[SealedPart, ...]


_ADD_PARTS, _ADD = insert(parts), insert(deliveries)
_ACCEPTED = delete(deliveries).where(deliveries.c.id == bindparam("delivery"))
_PARTS = select(parts).where(parts.c.ticket_id == bindparam("ticket")).order_by(parts.c.position)
_PART = select(parts).where(parts.c.part_id == bindparam("part"))
_COUNT_PARTS = select(func.count()).select_from(parts).where(parts.c.ticket_id == bindparam("ticket"))


def add_parts(db: Connection, ticket_id: UUID, new: Sequence[SealedPart], *, is_new: bool = False) -> None:
    """Keep sealed parts behind those there are; a new ticket has none."""
    if not new:
        return
    after = 0 if is_new else db.scalar(_COUNT_PARTS, {"ticket": ticket_id}) or 0
    rows = [
        {
            "part_id": part.part_id,
            "ticket_id": ticket_id,
            "position": position,
            "kind": part.kind,
            "sha256": part.sha256,
            "content_sealed": part.content,
        }
        for position, part in enumerate(new, start=after)
    ]
    db.execute(_ADD_PARTS, rows)


def add(db: Connection, ticket_id: UUID, revision: NewDelivery, now: datetime, *, has_files: bool = True) -> None:
    """Put a revision into the outbox, behind the files that it lists, if any."""
    files = _unsent_files(db, ticket_id, revision) if has_files else []
    due_at = _due_at(db, ticket_id, revision, now)
    rows = [_row(ticket_id, event, due_at, now) for event in (*files, revision)]
    db.execute(_ADD, rows)
    _call(db, ticket_id, due_at, revision.lane)


def _call(db: Connection, ticket_id: UUID, due_at: datetime, lane: Lane) -> None:
    """Let the ticket be looked at when it is due; on SQLite whoever looks reads this table."""
    if db.dialect.name == "postgresql":
        jobs.add(db, ticket_id, due_at, lane)


def _row(ticket_id: UUID, event: NewDelivery, due_at: datetime, now: datetime) -> dict[str, object]:
    return {
        "webhook_id": event.webhook_id,
        "ticket_id": ticket_id,
        "type": event.type,
        "open_part": event.open_part,
        "part_id": event.part_id,
        "lane": event.lane,
        "synthetic": event.synthetic,
        "state": "waiting",
        "attempts": 0,
        "due_at": due_at,
        "created_at": now,
    }


def _unsent_files(db: Connection, ticket_id: UUID, revision: NewDelivery) -> list[NewDelivery]:
    """Give the sealed files that were never put into the outbox, each an event of its own."""
    unsent = (parts.c.ticket_id == ticket_id) & parts.c.kind.in_(ATTACHMENTS) & parts.c.queued.is_(False)
    ids = db.scalars(select(parts.c.part_id).where(unsent).order_by(parts.c.position)).all()
    if ids:
        db.execute(update(parts).where(unsent).values(queued=True))
    return [_file(id_, revision) for id_ in ids]


def _file(part_id: UUID, revision: NewDelivery) -> NewDelivery:
    return replace(revision, webhook_id=f"part-{part_id}", type="part.sealed", open_part=None, part_id=part_id)


def _due_at(db: Connection, ticket_id: UUID, new: NewDelivery, now: datetime) -> datetime:
    """Say when a revision may go: not before those that wait already; an urgent one takes resting ones along."""
    if new.type == "ticket.filed":
        return new.due_at
    waiting = _of(ticket_id) & _WAITS & ~_ASIDE
    first = db.execute(
        select(deliveries.c.attempts, deliveries.c.due_at).where(waiting).order_by(deliveries.c.id).limit(1)
    ).first()
    if first is None:
        return new.due_at
    before: datetime = first.due_at
    if new.lane is not Lane.URGENT:
        return max(new.due_at, before)
    due_at = before if first.attempts else now
    db.execute(update(deliveries).where(waiting).values(lane=Lane.URGENT, due_at=due_at))
    return due_at


_PATIENCE = 3
"""A file that failed so often holds its ticket back no longer: it may be over a limit at the hotline."""
_WAITS = deliveries.c.state == "waiting"
_ASIDE = deliveries.c.part_id.is_not(None) & (deliveries.c.attempts >= _PATIENCE)
_before = deliveries.alias()
_IN_TURN = _WAITS & (
    _ASIDE
    | ~exists().where(
        _before.c.ticket_id == deliveries.c.ticket_id,
        _before.c.state == "waiting",
        _before.c.part_id.is_(None) | (_before.c.attempts < _PATIENCE),
        _before.c.id < deliveries.c.id,
    )
)
"""The first of each ticket, so that revisions arrive in order, and files that were put aside."""


def _of(ticket_id: UUID) -> ColumnElement[bool]:
    return deliveries.c.ticket_id == ticket_id


def _first_of_each_lane() -> CompoundSelect[Any]:
    """Ask for lane, ticket and time of those due first in each lane: one statement, each lane by its index."""
    columns = (deliveries.c.lane, deliveries.c.ticket_id, deliveries.c.due_at)
    lanes = (
        select(*columns)
        .where(_IN_TURN, deliveries.c.lane == lane)
        .order_by(deliveries.c.due_at, deliveries.c.ticket_id)
        .limit(bindparam("most", type_=Integer))
        .subquery()
        for lane in Lane
    )
    return union_all(*(select(*lane.c) for lane in lanes))


_AHEAD = _first_of_each_lane()


def ahead(db: Connection, most: int) -> Sequence[tuple[UUID, datetime]]:
    """Give tickets and when there is something to try of each: of every lane those due first, urgent lanes first.

    Those of one batch come in no order that says which report was written first.
    """
    rows = sorted(db.execute(_AHEAD, {"most": most}), key=lambda row: (row.lane, row.due_at, row.ticket_id))
    return [(row.ticket_id, row.due_at) for row in rows]


_FIRST = (
    select(deliveries)
    .where(deliveries.c.ticket_id == bindparam("ticket"), _IN_TURN, deliveries.c.due_at <= bindparam("now"))
    .order_by(deliveries.c.id)
    .limit(1)
)


def take(db: Connection, ticket_id: UUID, now: datetime) -> Due | None:
    """Read the first delivery of a ticket that is due, with its sealed parts."""
    row = db.execute(_FIRST, {"ticket": ticket_id, "now": now}).first()
    if row is None:
        return None
    delivery = Delivery(
        row.webhook_id, row.ticket_id, row.type, row.attempts, row.created_at, Lane(row.lane), row.synthetic
    )
    return Due(row.id, delivery, row.open_part, _parts_of(db, row))


def _parts_of(db: Connection, row: Row[tuple[object, ...]]) -> tuple[SealedPart, ...]:
    rows = db.execute(_PART, {"part": row.part_id}) if row.part_id else db.execute(_PARTS, {"ticket": row.ticket_id})
    return tuple(SealedPart(part.part_id, part.kind, part.sha256, part.content_sealed) for part in rows)


def accepted(db: Connection, delivery_id: int) -> None:
    """The hotline has it: our copy of the event goes."""
    db.execute(_ACCEPTED, {"delivery": delivery_id})


def later(db: Connection, due: Due, due_at: datetime, *, counts: bool = True) -> None:
    """Try again at a time; what is behind it in its ticket is not due earlier."""
    again = {"attempts": deliveries.c.attempts + int(counts), "due_at": due_at}
    db.execute(update(deliveries).where(deliveries.c.id == due.id).values(again))
    behind = _of(due.delivery.ticket_id) & _WAITS & ~_ASIDE & (deliveries.c.id > due.id)
    if due.delivery.attempts + 1 < _PATIENCE or due.open_part is not None:
        db.execute(update(deliveries).where(behind, deliveries.c.due_at < due_at).values(due_at=due_at))


def park(db: Connection, delivery_id: int) -> None:
    """Given up on, never dropped: waits for a person."""
    again = deliveries.c.attempts + 1
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(state="parked", attempts=again))


def retry(db: Connection, now: datetime) -> Sequence[UUID]:
    """Let everything that was given up on be tried again; give its tickets."""
    parked = deliveries.c.state == "parked"
    ids = list(db.scalars(select(deliveries.c.ticket_id).where(parked)))
    db.execute(update(deliveries).where(parked).values(state="waiting", attempts=0, due_at=now))
    for ticket_id in dict.fromkeys(ids):
        _call(db, ticket_id, now, Lane.NORMAL)
    return ids


_NEXT_OF_TICKET = select(func.min(deliveries.c.due_at)).where(deliveries.c.ticket_id == bindparam("ticket"), _IN_TURN)


def next_of(db: Connection, ticket_id: UUID) -> datetime | None:
    """Give when the next waiting delivery of one ticket is due."""
    due_at: datetime | None = db.scalar(_NEXT_OF_TICKET, {"ticket": ticket_id})
    return due_at


def size(db: Connection) -> tuple[int, int]:
    """Count what waits and what is parked."""
    waiting, parked = (
        db.scalar(select(func.count()).select_from(deliveries).where(deliveries.c.state == state)) or 0
        for state in ("waiting", "parked")
    )
    return waiting, parked


def oldest(db: Connection) -> datetime | None:
    """Give when the delivery that waits longest was committed."""
    at: datetime | None = db.scalar(select(func.min(deliveries.c.created_at)).where(_WAITS))
    return at


def forget_accepted(db: Connection) -> bool:
    """Delete events that a replica of an older version delivered and kept; tell whether there may be more."""
    return delete_some(db, deliveries, deliveries.c.state == "accepted")
