"""On which database a test runs: on each where the store is its subject, on one where something else is."""

import pytest

STORES = ("sqlite", "postgresql")
ON_SQLITE = pytest.mark.parametrize("on_each_store", ["sqlite"], indirect=True)
