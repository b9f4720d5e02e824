"""Updates that wait for the bot: in order, confirmed by offset, expired after a day."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.clock import Clock

KEPT_SECONDS = 24 * 60 * 60
MOST = 100
DEFAULT_TYPES = ("message", "edited_message", "callback_query", "my_chat_member")

type Json = dict[str, Any]


@dataclass
class Waiting:
    update: Json
    made_at: float
    key: str
    tries: int = 0


@dataclass
class Updates:
    clock: Clock
    allowed: Sequence[str] = DEFAULT_TYPES
    waiting: list[Waiting] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    last_id: int = 700_000_000

    def add(self, kind: str, content: Json, key: str) -> int | None:
        """Put an update behind the others, unless the bot did not ask for its kind."""
        if kind not in self.allowed:
            return None
        self.last_id += 1
        self.repeat({"update_id": self.last_id, kind: content}, key)
        return self.last_id

    def repeat(self, update: Json, key: str) -> None:
        """Put an update in as it is: redelivery, or one that no library can read."""
        self.waiting.append(Waiting(json.loads(json.dumps(update)), self.clock.now(), key))
        self.changed.set()

    def confirm(self, offset: int) -> None:
        self.waiting = [w for w in self._fresh() if w.update["update_id"] >= offset]

    def batch(self, limit: int) -> list[Json]:
        return [w.update for w in self._fresh()[: max(1, min(limit, MOST))]]

    def _fresh(self) -> list[Waiting]:
        oldest = self.clock.now() - KEPT_SECONDS
        self.waiting = [w for w in self.waiting if w.made_at > oldest]
        return self.waiting
