"""What the desk keeps, and the few transactions over it."""

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, delete, event, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_new

from desk.tables import accepted, files, metadata, tickets

type Ticket = dict[str, Any]
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
)


class Store:
    """A SQLite file."""

    def __init__(self, url: str) -> None:
        """Open it; `migrate` makes its tables."""
        self._engine = create_engine(url, hide_parameters=True)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", lambda db: db.exec_driver_sql("BEGIN IMMEDIATE"))

    def migrate(self) -> None:
        """Make what is missing."""
        metadata.create_all(self._engine)

    def take(self, webhook_id: str, kind: str, data: Ticket) -> None:
        """Keep an event with its id, in one transaction; one that was accepted before changes nothing."""
        with self._engine.begin() as db:
            new = insert_new(accepted).values(webhook_id=webhook_id).on_conflict_do_nothing()
            if db.execute(new).rowcount:
                (_keep_file if kind == "part.sealed" else _keep_ticket)(db, data)

    def all(self) -> Sequence[Ticket]:
        """Give the newest revision of every ticket."""
        with self._engine.begin() as db:
            return list(db.scalars(select(tickets.c.ticket)))

    def one(self, ticket_id: UUID) -> Ticket | None:
        """Give a ticket whole, with the files that came in events of their own."""
        with self._engine.begin() as db:
            ticket: Ticket | None = db.scalar(select(tickets.c.ticket).where(tickets.c.ticket_id == ticket_id))
            rows = db.execute(select(files).where(files.c.ticket_id == ticket_id)).all()
        held = {str(row.part_id): base64.b64encode(row.content_sealed).decode() for row in rows}
        return ticket and _filled(ticket, held)

    def close(self) -> None:
        """Close it."""
        self._engine.dispose()


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _keep_file(db: Connection, data: Ticket) -> None:
    """Keep a file, unless its report was withdrawn while it was on its way."""
    held = db.scalar(select(tickets.c.ticket).where(tickets.c.ticket_id == UUID(data["ticket_id"])))
    if held and held["status"] == "withdrawn":
        return
    values = {
        "part_id": UUID(data["part_id"]),
        "ticket_id": UUID(data["ticket_id"]),
        "content_sealed": base64.b64decode(data["content"]),
    }
    db.execute(insert_new(files).values(values).on_conflict_do_nothing())


def _keep_ticket(db: Connection, ticket: Ticket) -> None:
    """Each revision replaces the one before; an older one that comes late does not."""
    ticket_id = UUID(ticket["ticket_id"])
    held = db.scalar(select(tickets.c.ticket).where(tickets.c.ticket_id == ticket_id))
    if held is None:
        db.execute(insert(tickets).values(ticket_id=ticket_id, ticket=ticket))
    elif held["revision"] < ticket["revision"]:
        db.execute(update(tickets).where(tickets.c.ticket_id == ticket_id).values(ticket=ticket))
    if ticket["status"] == "withdrawn":
        db.execute(delete(files).where(files.c.ticket_id == ticket_id))


def _filled(ticket: Ticket, held: dict[str, str]) -> Ticket:
    sealed = ticket["sealed"]
    if not sealed:
        return ticket
    parts = [{**part, "content": part["content"] or held.get(part["part_id"])} for part in sealed["parts"]]
    return {**ticket, "sealed": {**sealed, "parts": parts}}
