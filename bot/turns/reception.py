"""Updates are stored, encrypted, before any channel is told "received"."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.channels.channel import Channel
from bot.metrics import ACCEPTED
from storage import inbox
from storage.inbox import Arrival
from storage.store import Store
from storage.vault import Vault

BODY = "inbox.body"
"""The place that an update's bytes are encrypted for."""


class Reception:
    """Where every channel hands in what it received."""

    def __init__(self, store: Store, vault: Vault, wake: Callable[[bytes], None]) -> None:
        """Take where to store, the data key, and whom to tell that a reporter has something new."""
        self._store, self._vault, self._wake = store, vault, wake

    async def accept(self, channel: Channel, raws: Sequence[bytes]) -> None:
        """Store updates; durable when this returns. What was seen before changes nothing.

        Raises:
            UpdateError: One of them has not even an id; none of them is stored.
        """
        arrivals = [self._arrival(channel, raw) for raw in raws]
        new = await self._store.run(inbox.put, arrivals, datetime.now(UTC))
        ACCEPTED.labels(channel.name).inc(len(new))
        for key in new:
            self._wake(key)

    def _arrival(self, channel: Channel, raw: bytes) -> Arrival:
        envelope = channel.envelope(raw)
        key = self._vault.address_key(channel.name, envelope.user.reveal())
        return Arrival(channel.name, envelope.dedupe, key, self._vault.encrypt(raw, BODY))
