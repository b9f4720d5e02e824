"""When a ticket leaves, so that who watches both ends cannot tell whose message it came from. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

from bot.model.codes import Lane, Urgency
from bot.model.session import Session
from bot.model.triage import urgency

BATCHES = 5
"""Within the longest delay: each is a moment at which all leave together that rested until then."""


def lane(session: Session) -> Lane:
    """Say who goes first: an urgent report, and from a flood even that is only as quick as others."""
    urgent = urgency(session.report) is Urgency.IMMEDIATE
    if session.low_trust:
        return Lane.NORMAL if urgent else Lane.LOW_TRUST
    return Lane.URGENT if urgent else Lane.NORMAL


def leaves_at(session: Session, now: datetime, longest: timedelta, random: Callable[[], float]) -> datetime:
    """Say when a revision may leave: an urgent one at once, others with a batch after a random time.

    Args:
        session: Whose report it is.
        now: Aware.
        longest: The longest random time; a batch may be a fifth of it later.
        random: Gives a number in 0..1.
    """
    if not longest or urgency(session.report) is Urgency.IMMEDIATE:
        return now
    step = (longest / BATCHES).total_seconds()
    ready = (now + longest * random()).timestamp()
    return datetime.fromtimestamp(ceil(ready / step) * step, UTC)
