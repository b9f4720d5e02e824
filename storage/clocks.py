"""Deadlines that no clock could have set: a clock that went back left them too far ahead."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, true, update

from bot.model.codes import Lane
from storage.tables import deliveries, replies, sessions, tries

DEADLINES: Mapping[str, Column[datetime]] = {
    "silence": sessions.c.silence_due,
    "acknowledgement": sessions.c.ack_due,
    "retention": sessions.c.purge_at,
    "lock": tries.c.locked_until,
    "delivery": deliveries.c.due_at,
    "reply": replies.c.due_at,
}


_SENT = frozenset({"delivery", "reply"})
_WAITING: Mapping[str, ColumnElement[bool]] = {
    "deliveries": (deliveries.c.state == "waiting") & deliveries.c.lane.in_(tuple(Lane)),
    "replies": replies.c.state == "waiting",
}
"""So that an index finds them among all that has been."""


def pull_in(db: Connection, now: datetime, longest: Mapping[str, timedelta]) -> int:
    """Bring each deadline to the farthest time at which it can honestly stand; give how many were moved.

    What is to be sent goes at once: a clock that was ahead set its time, and nobody knows which time was meant.
    """
    moved = 0
    for name, most in longest.items():
        column = DEADLINES[name]
        late = (column > now + most) & _WAITING.get(column.table.name, true())
        meant = now if name in _SENT else now + most
        moved += db.execute(update(column.table).where(late).values({column: meant})).rowcount
    return moved
