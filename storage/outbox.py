"""Deliveries: written in the transaction of the turn, sent from what was committed, in order for each ticket."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.model.codes import ATTACHMENTS
from bot.model.delivery import Delivery, OpenPart
from bot.model.part import SealedPart
from storage.tables import deliveries, parts


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An event to add to the outbox: a ticket revision, or one sealed file."""

    webhook_id: str
    type: str
    open_part: OpenPart | None = None
    part_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to try now, with what its body is made of."""

    delivery: Delivery
    open_part: OpenPart | None
    parts: tuple[SealedPart, ...]


def add_parts(db: Connection, ticket_id: UUID, new: Iterable[SealedPart]) -> None:
    """Keep sealed parts behind those there are."""
    after = db.scalar(select(func.count()).select_from(parts).where(parts.c.ticket_id == ticket_id)) or 0
    for position, part in enumerate(new, start=after):
        db.execute(
            insert(parts).values(
                part_id=part.part_id,
                ticket_id=ticket_id,
                position=position,
                kind=part.kind,
                sha256=part.sha256,
                content_sealed=part.content,
            )
        )


def add(db: Connection, ticket_id: UUID, new: Iterable[NewDelivery], now: datetime) -> None:
    """Put events into the outbox, in this order."""
    for event in new:
        db.execute(
            insert(deliveries).values(
                webhook_id=event.webhook_id,
                ticket_id=ticket_id,
                type=event.type,
                open_part=event.open_part,
                part_id=event.part_id,
                state="waiting",
                due_at=now,
                created_at=now,
            )
        )


def add_unsent_files(db: Connection, ticket_id: UUID, now: datetime) -> None:
    """Put the sealed files that no delivery names yet into the outbox, each an event of its own."""
    named = select(deliveries.c.part_id).where(deliveries.c.ticket_id == ticket_id, deliveries.c.part_id.is_not(None))
    alone = (parts.c.ticket_id == ticket_id) & parts.c.kind.in_(ATTACHMENTS) & parts.c.part_id.not_in(named)
    ids = db.scalars(select(parts.c.part_id).where(alone).order_by(parts.c.position)).all()
    add(db, ticket_id, [NewDelivery(f"part-{id_}", "part.sealed", part_id=id_) for id_ in ids], now)


_PATIENCE = 3
"""A file that failed so often holds its ticket back no longer: it may be over a limit at the hotline."""
_WAITS = deliveries.c.state == "waiting"
_ASIDE = deliveries.c.part_id.is_not(None) & (deliveries.c.attempts >= _PATIENCE)
_FIRSTS = select(func.min(deliveries.c.id)).where(_WAITS, ~_ASIDE).group_by(deliveries.c.ticket_id)
_IN_TURN = _WAITS & (_ASIDE | deliveries.c.id.in_(_FIRSTS))
"""The first of each ticket, so that revisions arrive in order, and files that were put aside."""


def due(db: Connection, now: datetime, most: int) -> Sequence[int]:
    """Give ids of deliveries to try: those whose turn it is, and due."""
    query = select(deliveries.c.id).where(_IN_TURN, deliveries.c.due_at <= now)
    return list(db.scalars(query.order_by(deliveries.c.due_at, deliveries.c.id).limit(most)))


def ticket_of(db: Connection, delivery_id: int) -> UUID | None:
    """Give the ticket that a delivery is of; None if it was erased meanwhile."""
    ticket_id: UUID | None = db.scalar(select(deliveries.c.ticket_id).where(deliveries.c.id == delivery_id))
    return ticket_id


def take(db: Connection, delivery_id: int) -> Due | None:
    """Read one delivery with its sealed parts; None if it was erased or sent meanwhile."""
    row = db.execute(select(deliveries).where(deliveries.c.id == delivery_id, _IN_TURN)).first()
    if row is None:
        return None
    delivery = Delivery(row.webhook_id, row.ticket_id, row.type, row.attempts, row.created_at)
    return Due(delivery, row.open_part, _parts_of(db, row))


def _parts_of(db: Connection, row: Row[tuple[object, ...]]) -> tuple[SealedPart, ...]:
    wanted = parts.c.part_id == row.part_id if row.part_id else parts.c.ticket_id == row.ticket_id
    rows = db.execute(select(parts).where(wanted).order_by(parts.c.position))
    return tuple(SealedPart(part.part_id, part.kind, part.sha256, part.content_sealed) for part in rows)


def accepted(db: Connection, delivery_id: int) -> None:
    """The hotline has it."""
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(state="accepted"))


def later(db: Connection, delivery_id: int, due_at: datetime) -> None:
    """Try again at a time."""
    again = deliveries.c.attempts + 1
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(attempts=again, due_at=due_at))


def park(db: Connection, delivery_id: int) -> None:
    """Given up on, never dropped: waits for a person."""
    again = deliveries.c.attempts + 1
    db.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(state="parked", attempts=again))


def next_due(db: Connection) -> datetime | None:
    """Give when the next waiting delivery is due."""
    due_at: datetime | None = db.scalar(select(func.min(deliveries.c.due_at)).where(_IN_TURN))
    return due_at


def size(db: Connection) -> tuple[int, int]:
    """Count what waits and what is parked."""
    counts: dict[str, int] = dict(
        db.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state)).all()
    )
    return counts.get("waiting", 0), counts.get("parked", 0)


def forget_unsent(db: Connection, ticket_id: UUID) -> None:
    """Drop what the hotline does not have yet."""
    db.execute(delete(deliveries).where(deliveries.c.ticket_id == ticket_id, deliveries.c.state == "waiting"))
