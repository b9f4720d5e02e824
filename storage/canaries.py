"""Canaries: synthetic reports that show that a channel lives."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from storage import marks, sessions

_PREFIX = "canary."


def arrived(db: Connection, ticket_id: UUID, now: datetime) -> None:
    """A canary's ticket has reached the test intake: its channel lives, and nothing of it is kept."""
    held = sessions.of_ticket(db, ticket_id)
    if held:
        marks.put(db, _PREFIX + held.session.channel, now)
        sessions.erase(db, held)


def last(db: Connection) -> Mapping[str, datetime]:
    """Give when each channel's canary arrived last."""
    found = marks.all_of(db)
    return {name.removeprefix(_PREFIX): at for name, at in found.items() if name.startswith(_PREFIX)}
