"""When a turn happens."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Times:
    """When this turn happens (aware), and how long quiet lasts before an unfinished report is filed."""

    now: datetime
    silence: timedelta
