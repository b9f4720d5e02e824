"""The desk's own tables. Sealed content stays sealed: only the hotline's key, which is not here, opens it."""

from sqlalchemy import JSON, Column, LargeBinary, MetaData, String, Table, Uuid

metadata = MetaData()

accepted = Table("accepted", metadata, Column("webhook_id", String(128), primary_key=True))

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_id", Uuid, primary_key=True),
    Column("ticket", JSON, nullable=False),  # the newest revision, whole
)

files = Table(
    "files",
    metadata,
    Column("part_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False, index=True),
    Column("content_sealed", LargeBinary, nullable=False),
)
