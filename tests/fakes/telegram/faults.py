from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What goes wrong."""

    TOO_MANY = "429 with retry_after"
    SERVER_ERROR = "502 without effect"
    DROPPED = "the connection ends before anything happened"
    DELAYED = "answers late"
    REPLY_LOST = "it happens, but the connection ends before the answer"


@dataclass
class Fault:
    """Goes wrong the next `times` times that `method` is called."""

    method: str
    kind: Kind
    times: int = 1
    seconds: float = 1.0


class Faults:
    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        self._planned.append(fault)

    def waiting(self, method: str) -> int:
        """How many calls will still go wrong."""
        return sum(fault.times for fault in self._planned if fault.method == method)

    def next(self, method: str) -> Fault | None:
        for fault in self._planned:
            if fault.method == method and fault.times > 0:
                fault.times -= 1
                return fault
        return None
