"""One turn's effects, all in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import SessionMoved
from bot.model.part import SealedPart
from storage import inbox, outbox, replies, sessions
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
        deliveries: Ticket revisions and files for the hotline.
        reply: What is said, if anything.
        erase: Everything held of the reporter goes first.
        message_ids: The reporter's own message, to delete it with later.
    """

    row_id: int | None
    held: Held
    deadlines: Deadlines
    parts: Sequence[SealedPart] = ()
    deliveries: Sequence[NewDelivery] = ()
    reply: NewReply | None = None
    erase: bool = False
    message_ids: Sequence[str] = ()


def commit(db: Connection, effects: Effects, now: datetime) -> Sequence[str]:
    """Write a turn; give the messages to delete from the channel, if it erases.

    Raises:
        SessionMoved: Another turn changed the session since this one read it; nothing is written.
    """
    gone = _erase(db, effects) if effects.erase else _keep(db, effects, now)
    ticket_id = effects.held.session.ticket_id
    outbox.add(db, ticket_id, effects.deliveries, now)
    if effects.reply:
        replies.add(db, effects.reply, now)
    if effects.row_id is not None:
        inbox.finish(db, effects.row_id)
    return gone


def _erase(db: Connection, effects: Effects) -> Sequence[str]:
    message_ids = sessions.erase(db, effects.held)
    return [*message_ids, *effects.message_ids]


def _keep(db: Connection, effects: Effects, now: datetime) -> Sequence[str]:
    if not sessions.save(db, effects.held, effects.deadlines):
        raise SessionMoved("the session changed meanwhile")
    outbox.add_parts(db, effects.held.session.ticket_id, effects.parts)
    sessions.remember_shown(db, effects.held.address_key, effects.message_ids, now)
    return ()
