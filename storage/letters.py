"""The drawer: an advisor's words, from their arrival until they are part of a reply."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, exists, insert, select

from storage.tables import letters


@dataclass(frozen=True, slots=True)
class Letter:
    """What one advisor wrote."""

    id: int
    words_encrypted: bytes = field(repr=False)
    unsaid: bool = False
    """Whether it was sent once and did not go out: then only the reporter's own message brings it."""


UNSAID = "unsaid:"
"""Begins the id of a letter that came back from a reply; no hotline's id does."""


def is_known(db: Connection, dedupe: str) -> bool:
    """Tell whether a letter lies there already: the hotline sends it again when our answer was lost."""
    return bool(db.scalar(select(exists().where(letters.c.dedupe == dedupe))))


def put(db: Connection, dedupe: str, ticket_id: UUID, words_encrypted: bytes, now: datetime) -> None:
    """Put a letter into the drawer."""
    row = {"dedupe": dedupe, "ticket_id": ticket_id, "words_encrypted": words_encrypted, "at": now}
    db.execute(insert(letters).values(**row))


def waiting(db: Connection, ticket_id: UUID) -> Sequence[Letter]:
    """Give the letters for one report, the oldest first."""
    query = select(letters.c.id, letters.c.words_encrypted, letters.c.dedupe.startswith(UNSAID))
    return [Letter(*row) for row in db.execute(query.where(letters.c.ticket_id == ticket_id).order_by(letters.c.id))]


def tickets(db: Connection) -> Sequence[UUID]:
    """Give the reports that have a letter waiting."""
    return list(db.scalars(select(letters.c.ticket_id).distinct()))


def take(db: Connection, ids: Sequence[int]) -> None:
    """Forget letters that a reply holds now."""
    if ids:
        db.execute(delete(letters).where(letters.c.id.in_(ids)))
