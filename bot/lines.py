"""One at a time for each key, several keys at once."""

import asyncio
from weakref import WeakValueDictionary


class Lines[K]:
    """A lock for each key, for as long as somebody holds or waits for it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._locks: WeakValueDictionary[K, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: K) -> asyncio.Lock:
        """Give the lock of a key; hold on to what this gives."""
        return self._locks.setdefault(key, asyncio.Lock())
