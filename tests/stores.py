"""On which database a test runs: on each where the store is its subject, on one where something else is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage.store import Store

STORES = ("sqlite", "postgresql")
ON_SQLITE = pytest.mark.parametrize("on_each_store", ["sqlite"], indirect=True)


@contextmanager
def migrated(url: str, data_key: bytes | None = None) -> Iterator[Store]:
    """Give a store with its tables."""
    store = Store(url, data_key)
    store.migrate()
    try:
        yield store
    finally:
        store.close()
