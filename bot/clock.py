"""Whether this machine's clock can be trusted with deleting."""

import time
from datetime import UTC, datetime, timedelta

JUMP = timedelta(minutes=5)
"""Time servers slew smaller errors away; a larger step was a wrong clock, before or after it."""
STEADY = timedelta(hours=1)
"""After a jump, and after a start: a machine without a battery wakes in another year, and learns the time late."""


class Clock:
    """Compares the wall clock with the one that only counts."""

    def __init__(self, steady: timedelta = STEADY) -> None:
        """Begin to watch; steady only after so long without a jump."""
        self._steady = steady
        self._restart()

    def _restart(self) -> None:
        self._wall, self._counted = datetime.now(UTC), time.monotonic()

    def has_jumped(self) -> bool:
        """Tell whether the two have parted since the last look; counting begins anew then."""
        parted = (datetime.now(UTC) - self._wall) - self._elapsed()
        if abs(parted) <= JUMP:
            return False
        self._restart()
        return True

    def is_steady(self) -> bool:
        """Tell whether they have gone together long enough."""
        return self._elapsed() >= self._steady

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._counted)
