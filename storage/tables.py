"""Every table, each column with what may be read in it and how long it stays.

No column holds a reporter's words in clear. `*_sealed` opens at the hotline only; `*_encrypted` with the
data key, which we hold because we must read it again; all else is codes, random ids and times.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    Uuid,
    false,
)

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps no zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the database UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the program an aware time."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


inbox = Table(
    "inbox",
    metadata,
    # One row an update that was accepted and not yet worked on; gone with the transaction of its effects.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("dedupe", String(128), nullable=False),
    Column("address_key", LargeBinary(16), nullable=False),  # keyed hash of the address: order, not identity
    Column("body_encrypted", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("parked", Boolean, nullable=False, default=False),  # could not be read: waits for a person
    Column("lane", SmallInteger, nullable=False, server_default="1"),  # `bot.model.codes.Lane`
    Index("inbox_order", "address_key", "parked", "id"),
    sqlite_autoincrement=True,
)

seen = Table(
    "seen",
    metadata,
    # The ids of updates that were taken; kept eight days, longer than any channel redelivers.
    Column("channel", String(16), primary_key=True),
    Column("dedupe", String(128), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    # Codes of the interview; gone on erase, and `purge_at` after the last message.
    Column("address_key", LargeBinary(16), primary_key=True),
    Column("address_encrypted", LargeBinary, nullable=False),
    Column("ticket_id", Uuid, nullable=False, unique=True),
    Column("state", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("silence_due", Instant, nullable=True, index=True),
    Column("receipt_key", LargeBinary(16), nullable=True, unique=True),  # keyed hash of the words that open it again
    Column("purge_at", Instant, nullable=False, index=True),
    Column("begun_at", Instant, nullable=False),
    Column("ack_due", Instant, nullable=True, index=True),  # by when the hotline should have said that it saw it
)

letters = Table(
    "letters",
    metadata,
    # The drawer: what advisors wrote and the reporter was not given yet; gone once it is part of a reply.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dedupe", String(128), nullable=False, unique=True),
    Column("ticket_id", Uuid, nullable=False, index=True),
    Column("words_encrypted", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

tries = Table(
    "tries",
    metadata,
    # How many words that open nothing one address gave lately, and until when it may not try more; kept a day.
    Column("address_key", LargeBinary(16), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("locked_until", Instant, nullable=True),
)

shown = Table(
    "shown",
    metadata,
    # Which messages of both sides the channel could still delete; kept 48 hours.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("address_key", LargeBinary(16), nullable=False, index=True),
    Column("message_id", String(64), nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

replies = Table(
    "replies",
    metadata,
    # What we say, as catalogue keys and codes. Each names the inbound message that caused it.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("cause", String(128), nullable=False),
    Column("address_key", LargeBinary(16), nullable=False, index=True),
    Column("address_encrypted", LargeBinary, nullable=False),
    Column("language", String(16), nullable=False),
    Column("says", JSON, nullable=False),
    Column("private_encrypted", LargeBinary, nullable=True),  # an advisor's words, or the words of a receipt
    Column("answers_encrypted", LargeBinary, nullable=True),  # what the channel answers this one message with
    Column("erases", Boolean, nullable=False, default=False),
    Column(
        "state", String(8), nullable=False
    ),  # waiting, held (the channel asks for it), claimed, then what became of it
    Column("due_at", Instant, nullable=False),
    Column("caused_at", Instant, nullable=False),  # when the reporter sent the message that caused it
    Column("created_at", Instant, nullable=False, index=True),
    Index("replies_cause", "channel", "cause", unique=True),
    Index("replies_state", "state", "due_at"),
    Index("replies_line", "address_key", "state", "id"),
    sqlite_autoincrement=True,  # the id of a reply that was erased while it was being sent must not come again
)

parts = Table(
    "parts",
    metadata,
    # Sealed to the hotline's keys: nobody here can open them. Gone with the session.
    Column("part_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("queued", Boolean, nullable=False, server_default=false()),  # a file that has been put into the outbox
)

deliveries = Table(
    "deliveries",
    metadata,
    # The outbox: one ticket revision or one sealed file on its way to the hotline; gone once it has arrived.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("webhook_id", String(64), nullable=False, unique=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("type", String(24), nullable=False),
    Column("open_part", JSON, nullable=True),  # codes only; null for a file
    Column("part_id", Uuid, nullable=True),
    Column("state", String(8), nullable=False),  # waiting, parked
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lane", SmallInteger, nullable=False, server_default="1"),  # `bot.model.codes.Lane`
    Column("synthetic", Boolean, nullable=False, server_default=false()),  # of a canary: goes to the test intake
    Index("deliveries_due", "state", "lane", "due_at", "ticket_id"),  # a batch is due at one moment
    Index("deliveries_age", "state", "created_at"),
    Index("deliveries_ticket", "ticket_id", "state", "id"),
    sqlite_autoincrement=True,
)

marks = Table(
    "marks",
    metadata,
    # When something last happened, by names of ours: the last sweep, each channel's last canary.
    Column("name", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)
