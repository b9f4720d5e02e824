"""Updates are stored, encrypted, before any channel is told "received"."""

from collections.abc import Callable, Sequence

from bot.channels.channel import Channel
from bot.metrics import ACCEPTED
from bot.model.codes import Lane
from bot.turns.lanes import Lanes
from storage.inbox import Arrival
from storage.together import Together
from storage.vault import Vault

BODY = "inbox.body"
"""The place that an update's bytes are encrypted for."""


class Reception:
    """Where every channel hands in what it received."""

    def __init__(self, kept: Together, vault: Vault, lanes: Lanes, wake: Callable[[bytes, Lane], None]) -> None:
        """Take where to store, the data key, who goes first, and whom to tell that a reporter has something new."""
        self._together, self._vault, self._lanes, self._wake = kept, vault, lanes, wake

    async def accept(self, channel: Channel, raws: Sequence[bytes]) -> None:
        """Store updates; durable when this returns. What was seen before changes nothing.

        Raises:
            UpdateError: One of them has not even an id; none of them is stored.
        """
        arrivals: list[Arrival] = []
        new: Sequence[Arrival] = ()
        try:
            for raw in raws:
                arrivals.append(self._arrival(channel, raw))  # noqa: PERF401 - those before a bad one were counted
            new = await self._together.put(arrivals)
        finally:
            self._give_back(arrivals, new)
        ACCEPTED.labels(channel.name).inc(len(new))
        for arrival in new:
            self._wake(arrival.address_key, arrival.lane)

    def _give_back(self, arrivals: Sequence[Arrival], new: Sequence[Arrival]) -> None:
        """What was not kept comes again, or has come before: it is no sign of a flood."""
        kept = set(map(id, new))
        for arrival in arrivals:
            if id(arrival) not in kept:
                self._lanes.give_back(arrival.address_key, arrival.lane)

    def _arrival(self, channel: Channel, raw: bytes) -> Arrival:
        envelope = channel.envelope(raw)
        key = self._vault.address_key(channel.name, envelope.user.reveal())
        lane = self._lanes.lane(channel, raw, key)
        dedupe = self._vault.id_key(channel.name, envelope.dedupe) if channel.ids_tell else envelope.dedupe
        return Arrival(channel.name, dedupe, key, self._vault.encrypt(raw, BODY), lane)
