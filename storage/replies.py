"""What we say, from commit to channel. Every row names the inbound message that caused it: the outbound gate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, exists, insert, select, update

from bot.model.reply import Say
from storage.some import delete_some
from storage.tables import replies

_SAYS = TypeAdapter(tuple[Say, ...])


@dataclass(frozen=True, slots=True)
class Spoken:
    """One reply as committed: keys and codes, the language, and the message that caused it."""

    id: int
    channel: str
    cause: str
    address_key: bytes
    address_encrypted: bytes = field(repr=False)
    language: str
    says: tuple[Say, ...]
    erases: bool
    caused_at: datetime
    private_encrypted: bytes | None = field(default=None, repr=False)
    answers_encrypted: bytes | None = field(default=None, repr=False)

    @property
    def hides(self) -> bool:
        """Whether the chat plays a harmless assistant from here: cleared, and not over."""
        return self.erases and any(say.key == "decoy.hello" for say in self.says)


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply to commit."""

    channel: str
    cause: str
    address_key: bytes
    address_encrypted: bytes = field(repr=False)
    language: str
    says: tuple[Say, ...]
    caused_at: datetime
    erases: bool = False
    state: str = "waiting"
    private_encrypted: bytes | None = field(default=None, repr=False)
    answers_encrypted: bytes | None = field(default=None, repr=False)


_ADD = insert(replies)


def add(db: Connection, reply: NewReply, now: datetime) -> None:
    """Commit a reply with its turn."""
    row = {
        "channel": reply.channel,
        "cause": reply.cause,
        "address_key": reply.address_key,
        "address_encrypted": reply.address_encrypted,
        "language": reply.language,
        "says": _SAYS.dump_python(reply.says, mode="json"),
        "private_encrypted": reply.private_encrypted,
        "answers_encrypted": reply.answers_encrypted,
        "erases": reply.erases,
        "state": reply.state,
        "due_at": now,
        "caused_at": reply.caused_at,
        "created_at": now,
    }
    db.execute(_ADD, row)


_before = replies.alias()
_IN_TURN = (replies.c.state == "waiting") & ~exists().where(
    _before.c.address_key == replies.c.address_key, _before.c.state == "waiting", _before.c.id < replies.c.id
)
"""The oldest that waits for its reporter."""
_AHEAD = (
    select(replies.c.id, replies.c.due_at)
    .where(_IN_TURN)
    .order_by(replies.c.due_at, replies.c.id)
    .limit(bindparam("most"))
)
_IS = replies.c.id == bindparam("reply")
_WAITS = _IS & (replies.c.state == "waiting")
_WAITING = select(replies).where(_WAITS)
_CLAIM = update(replies).where(_WAITS).values(state="claimed")
_SETTLE = update(replies).where(_IS)
_UNDER_WAY = replies.c.state.in_(("waiting", "claimed"))
_LATER = update(replies).where(_IS, _UNDER_WAY)


def ahead(db: Connection, most: int) -> Sequence[tuple[int, datetime]]:
    """Give ids of replies and when each is to be sent, the first due first; of each reporter the oldest that waits."""
    return [(row.id, row.due_at) for row in db.execute(_AHEAD, {"most": most})]


def _spoken(row: Any) -> Spoken:  # noqa: ANN401 - a row of a table
    return Spoken(
        row.id,
        row.channel,
        row.cause,
        row.address_key,
        row.address_encrypted,
        row.language,
        _SAYS.validate_python(row.says),
        row.erases,
        row.caused_at,
        row.private_encrypted,
        row.answers_encrypted,
    )


def waiting(db: Connection, reply_id: int) -> Spoken | None:
    """Give a reply that is still to be sent."""
    row = db.execute(_WAITING, {"reply": reply_id}).first()
    return _spoken(row) if row else None


def claim(db: Connection, reply_id: int) -> bool:
    """Take a reply before it is sent; what was claimed is never sent again, for nobody knows whether it was."""
    return db.execute(_CLAIM, {"reply": reply_id}).rowcount == 1


def hush(db: Connection, address_key: bytes) -> None:
    """Let nothing out that still waits for a reporter, or comes back from a channel, unless it deletes."""
    theirs = (replies.c.address_key == address_key) & _UNDER_WAY & replies.c.erases.is_(False)
    db.execute(update(replies).where(theirs).values(state="dropped"))


def settle(db: Connection, reply_id: int, state: str) -> None:
    """Say what became of it: sent, dropped, stale or unsure."""
    db.execute(_SETTLE, {"reply": reply_id, "state": state})


def later(db: Connection, reply_id: int, due_at: datetime) -> None:
    """It certainly did not go out: try again at a time, unless it was hushed meanwhile."""
    db.execute(_LATER, {"reply": reply_id, "state": "waiting", "due_at": due_at})


def of_cause(db: Connection, channel: str, cause: str) -> Spoken | None:
    """Give what was said to one inbound message."""
    row = db.execute(select(replies).where(replies.c.channel == channel, replies.c.cause == cause)).first()
    return _spoken(row) if row else None


def newest(db: Connection, address_key: bytes, most: int = 20) -> Sequence[Spoken]:
    """Give what was said to a reporter lately, the newest first."""
    query = select(replies).where(replies.c.address_key == address_key).order_by(replies.c.id.desc()).limit(most)
    return [_spoken(row) for row in db.execute(query)]


def forget(db: Connection, before: datetime) -> bool:
    """Forget replies that no repeated message asks for any more, some at a time; tell whether there may be more."""
    return delete_some(db, replies, replies.c.created_at < before)
