"""One turn's effects, all in one transaction or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import SessionMoved
from bot.model.codes import ATTACHMENTS
from bot.model.part import SealedPart
from storage import inbox, letters, outbox, replies, sessions
from storage.inbox import InboxRow
from storage.outbox import NewDelivery
from storage.replies import NewReply
from storage.sessions import Deadlines, Held


@dataclass(frozen=True, slots=True)
class Effects:
    """What one turn leaves behind.

    Attributes:
        row_id: The inbox row that it works off; None for a turn that a deadline caused.
        held: The session as it is now, at the version it was read at.
        deadlines: Its next ones.
        parts: Sealed in this turn.
        revision: The ticket revision to hand to the hotline, if one is due.
        reply: What is said, if anything.
        erase: Everything held of the reporter goes first.
        hushes: What was said before and did not go out yet never will.
        message_ids: The reporter's own message, to delete it with later.
        receipt_key: Of new words that open this report again.
        letters: Ids of the advisor's letters that the reply holds.
    """

    row_id: int | None
    held: Held
    deadlines: Deadlines
    parts: Sequence[SealedPart] = ()
    revision: NewDelivery | None = None
    reply: NewReply | None = None
    erase: bool = False
    hushes: bool = False
    message_ids: Sequence[str] = ()
    receipt_key: bytes | None = None
    letters: Sequence[int] = ()


def commit(db: Connection, effects: Effects, now: datetime) -> bool:
    """Write a turn, whole or not at all; tell whether more waits of this reporter.

    Raises:
        SessionMoved: Another turn changed the session since this one read it, or worked off the same update; nothing is
            written.
    """
    is_new = effects.held.version == 0 and not effects.erase  # then the insert finds out
    if not is_new and not sessions.is_as_read(db, effects.held):
        raise SessionMoved("the session changed meanwhile")
    if effects.erase:
        sessions.erase(db, effects.held)
    else:
        _keep(db, effects)
    if effects.hushes:
        replies.hush(db, effects.held.address_key)
    _deliver(db, effects, now)
    sessions.remember_shown(db, effects.held.address_key, effects.message_ids, now)
    if effects.reply:
        replies.add(db, effects.reply, now)
    if effects.row_id is None:
        return False
    inbox.finish(db, effects.row_id)
    return inbox.has_more(db, effects.held.address_key)


def _keep(db: Connection, effects: Effects) -> None:
    sessions.save(db, effects.held, effects.deadlines, effects.receipt_key)
    letters.take(db, effects.letters)
    outbox.add_parts(db, effects.held.session.ticket_id, effects.parts, is_new=effects.held.version == 0)


def _deliver(db: Connection, effects: Effects, now: datetime) -> None:
    if effects.revision:
        has_files = effects.held.version > 0 or any(part.kind in ATTACHMENTS for part in effects.parts)
        outbox.add(db, effects.held.session.ticket_id, effects.revision, now, has_files=has_files)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a turn begins with: a reporter's oldest update, and what reads their session (None: there is none)."""

    row: InboxRow
    held: Callable[[], Held | None]


def begin(db: Connection, address_key: bytes) -> Begun | None:
    """Read what a turn needs, in one look; a session that cannot be read fails the turn, not the look."""
    row = inbox.first(db, address_key)
    return Begun(row, sessions.loader(db, address_key)) if row else None


def set_aside(db: Connection, row_id: int, reply: NewReply | None, now: datetime) -> None:
    """Park an update that cannot be worked off, and say so, unless that was said before."""
    inbox.park(db, row_id)
    if reply and replies.of_cause(db, reply.channel, reply.cause) is None:
        replies.add(db, reply, now)
