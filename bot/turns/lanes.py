"""Who goes first where many wait. Told from what arrived, before it is understood."""

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.channels.channel import Channel
from bot.errors import UpdateError
from bot.metrics import LOW_TRUST
from bot.model.codes import Lane
from bot.model.message import Sealed
from bot.model.triage import IMMEDIATE
from bot.turns.hearing import words_of
from nlu.lexicon import shipped, states_danger

AT_ONCE = 60
"""Messages that come together from somebody who types in bursts, or whose phone was off for a while."""
SECONDS_EACH = 2.0
"""Faster for long than this nobody types."""
_REMEMBERED = 10_000
"""Reporters, a few hundred bytes each: who floods is among the latest."""


class Lanes:
    """Knows how fast each reporter wrote lately. What it forgets at a restart is only who was slow before."""

    def __init__(self, is_behind: Callable[[], bool], now: Callable[[], float] = time.monotonic) -> None:
        """Take what tells whether many wait, and a clock in seconds."""
        self._is_behind, self._now = is_behind, now
        self._free_at: OrderedDict[bytes, float] = OrderedDict()

    def lane(self, channel: Channel, raw: bytes, address_key: bytes) -> Lane:
        """Say in which lane an update goes."""
        if self._is_flood(address_key):
            LOW_TRUST.labels(channel.name).inc()
            return Lane.LOW_TRUST
        return Lane.URGENT if self._is_behind() and _is_urgent(channel, raw) else Lane.NORMAL

    def give_back(self, address_key: bytes, lane: Lane) -> None:
        """Uncount an update that went in a lane; of a flood each counts, else repeating one would end it."""
        if lane is not Lane.LOW_TRUST and address_key in self._free_at:
            self._free_at[address_key] -= SECONDS_EACH

    def _is_flood(self, key: bytes) -> bool:
        """Count an update: each takes some seconds of a reporter's time, and they may be ahead by so many."""
        now = self._now()
        free_at = max(self._free_at.pop(key, now), now) + SECONDS_EACH
        self._free_at[key] = min(free_at, now + 2 * AT_ONCE * SECONDS_EACH)
        if len(self._free_at) > _REMEMBERED:
            self._free_at.popitem(last=False)
        return free_at - now > AT_ONCE * SECONDS_EACH


def _is_urgent(channel: Channel, raw: bytes) -> bool:
    """Look for words of danger alone; what cannot be read yet is parked later, in its turn."""
    try:
        message = channel.parse(raw).message
    except UpdateError:
        return False
    if isinstance(message, Sealed):
        return not IMMEDIATE.isdisjoint(message.dangers)
    words = words_of(message)
    return bool(words) and not IMMEDIATE.isdisjoint(states_danger(words, shipped()))
