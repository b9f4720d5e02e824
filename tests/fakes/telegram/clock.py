import time
from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds since 1970; tests move it forward."""

    ahead: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def move(self, seconds: float) -> None:
        self.ahead += seconds
