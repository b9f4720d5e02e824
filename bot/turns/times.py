"""When a turn happens, and how long an installation lets things last."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from bot.privacy.rules import RETENTION


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things last.

    Attributes:
        silence: Quiet time before an unfinished report is filed.
        retention: How long our copy stays after the last message.
        delay: The longest that a ticket without urgency rests before it leaves; zero: it leaves at once.
        acknowledgement: By when a hotline that has a ticket should have said that it saw it.
    """

    silence: timedelta
    retention: timedelta = RETENTION
    delay: timedelta = timedelta()
    acknowledgement: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Times:
    """When this turn happens (aware), and the rules."""

    now: datetime
    rules: Rules

    @classmethod
    def current(cls, rules: Rules) -> Self:
        """Give those of this moment."""
        return cls(datetime.now(UTC), rules)
