"""Fills a database with a month of reports: their rows as they are after delivery, and some that still wait.

Keys are random, as real ones are: rows lie all over their indexes.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Table, insert, text

from bot.model.codes import Basis, Lane, PartKind
from bot.model.reply import Say
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from storage import tables

SILENCE = timedelta(hours=20)
"""The service must be told so: the sweep pulls in what lies farther ahead."""
REST = timedelta(minutes=58)
"""Within the hour that the sweep believes of a delivery: all must be measured before."""
MONTH = timedelta(days=30)
REPLIES_KEPT, SHOWN_KEPT = timedelta(days=8), timedelta(days=2)
REPLIES_EACH = 3
_STEP = 5_000
_ANSWERS = (
    Answer(Slot.PROVINCE, "KH-20", Basis.STATED),
    Answer(Slot.PEOPLE_COUNT, "6-20", Basis.STATED),
    Answer(Slot.INDICATOR, "retention_of_identity_documents", Basis.STATED),
)
_REPORT = Report(_ANSWERS, (PartKind.WORDS,))
_SAYS = TypeAdapter(tuple[Say, ...]).dump_python(
    (Say("welcome"), Say("ask_exact_place", choices=("skip", "imminent_danger"), question="ask_exact_place")),
    mode="json",
)
_SESSION = TypeAdapter(Session)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much there is to be; of the reports, some are still open, and some wait to be sent in an hour."""

    tickets: int
    still_open: int
    pending: int
    part_bytes: int


@dataclass(frozen=True, slots=True)
class _Reporter:
    number: int
    key: bytes
    ticket: UUID
    at: datetime
    session: Session


def fill(engine: Engine, wanted: Wanted) -> None:
    """Write reports in large transactions; then let the database count what it has."""
    now = datetime.now(UTC)
    with engine.connect() as db:
        if engine.dialect.name == "sqlite":
            for pragma in ("cache_size=-1000000", "synchronous=OFF"):
                db.connection.driver_connection.execute(f"PRAGMA {pragma}")  # type: ignore[union-attr]
        for some in batched(range(wanted.tickets), _STEP):
            _write(db, [_reporter(number, wanted, now) for number in some], wanted, now)
            db.commit()
    engine.dispose()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _reporter(number: int, wanted: Wanted, now: datetime) -> _Reporter:
    ticket, is_open = UUID(bytes=os.urandom(16), version=4), number < wanted.still_open
    session = Session(ticket, "web", "en", greeted=True, report=_REPORT, asked=("ask_exact_place",), revision=1)
    session = Session(ticket, "web", "en", greeted=True, report=_REPORT) if is_open else session
    at = now - SILENCE / 100 if is_open else now - MONTH * (number / wanted.tickets)
    return _Reporter(number, os.urandom(16), ticket, at, session)


def _write(db: Connection, some: list[_Reporter], wanted: Wanted, now: datetime) -> None:
    _put(db, tables.sessions, (_session(one, wanted) for one in some))
    _put(db, tables.parts, (_part(one, wanted) for one in some))
    waiting = [one for one in some if wanted.still_open <= one.number < wanted.still_open + wanted.pending]
    _put(db, tables.deliveries, (_delivery(one, now) for one in waiting))
    if db.dialect.name == "postgresql" and waiting:
        jobs = [{"payload": one.ticket.bytes, "due": now + REST} for one in waiting]
        db.execute(text(_JOB), jobs)
    recent = [one for one in some if now - one.at < REPLIES_KEPT]
    _put(db, tables.replies, (_reply(one, turn) for one in recent for turn in range(REPLIES_EACH)))
    _put(db, tables.seen, (_seen(one, turn) for one in recent for turn in range(REPLIES_EACH)))
    _put(db, tables.shown, (_shown(one, turn) for one in recent if now - one.at < SHOWN_KEPT for turn in range(4)))


_JOB = (
    "INSERT INTO pgqueuer (priority, status, entrypoint, payload, execute_after) "
    "VALUES (-1, 'queued', 'ticket', :payload, :due)"
)


def _put(db: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    if listed := list(rows):
        db.execute(insert(table), listed)


def _session(one: _Reporter, wanted: Wanted) -> dict[str, Any]:
    is_open = one.number < wanted.still_open
    return {
        "address_key": one.key,
        "address_encrypted": os.urandom(48),
        "ticket_id": one.ticket,
        "state": _SESSION.dump_python(one.session, mode="json"),
        "version": 1,
        "silence_due": one.at + SILENCE if is_open else None,
        "purge_at": one.at + MONTH,
        "begun_at": one.at,
    }


def _part(one: _Reporter, wanted: Wanted) -> dict[str, Any]:
    return {
        "part_id": UUID(bytes=os.urandom(16), version=4),
        "ticket_id": one.ticket,
        "position": 0,
        "kind": "words",
        "sha256": os.urandom(32).hex(),
        "content_sealed": os.urandom(wanted.part_bytes),
    }


def _delivery(one: _Reporter, now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": f"{one.ticket}-2",
        "ticket_id": one.ticket,
        "type": "ticket.amended",
        "open_part": {"ticket_id": str(one.ticket), "summary": {"en": " " * 400, "km": " " * 400}},
        "state": "waiting",
        "attempts": 1,
        "due_at": now + REST,
        "created_at": one.at,
        "lane": Lane.NORMAL,
    }


def _reply(one: _Reporter, turn: int) -> dict[str, Any]:
    return {
        "channel": "web",
        "cause": f"{one.key.hex()}:{one.ticket}:{turn}",
        "address_key": one.key,
        "address_encrypted": os.urandom(48),
        "language": "en",
        "says": _SAYS,
        "erases": False,
        "state": "held" if one.number % 2 else "sent",
        "due_at": one.at,
        "caused_at": one.at,
        "created_at": one.at,
    }


def _seen(one: _Reporter, turn: int) -> dict[str, Any]:
    return {"channel": "web", "dedupe": f"{one.key.hex()}:{one.ticket}:{turn}", "at": one.at}


def _shown(one: _Reporter, turn: int) -> dict[str, Any]:
    return {"address_key": one.key, "message_id": str(1_000_000 + 4 * one.number + turn), "at": one.at}
