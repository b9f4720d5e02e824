"""What the journal confirmed, a restore reads, whatever happened to the disk in between."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import inbox
from storage.inbox import Arrival
from storage.journal import Journal
from storage.store import Store
from tests.stores import migrated

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with migrated(f"sqlite:///{tmp_path / 'a.sqlite'}") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "other disk").mkdir()
    return tmp_path / "other disk"


def arrival(dedupe: str) -> Arrival:
    return Arrival("telegram", dedupe, b"k" * 16, b"encrypted")


def test_a_line_torn_by_a_power_cut_spoils_no_other(store: Store, folder: Path) -> None:
    Journal(folder).append([arrival("1"), arrival("torn")])
    (file,) = folder.iterdir()
    os.truncate(file, file.stat().st_size - 10)
    Journal(folder).append([arrival("2")])
    assert store.run_now(Journal(folder).replay, NOW) == 2

    assert [store.run_now(inbox.put, [arrival(one)], NOW) == [] for one in ("1", "torn", "2")] == [True, False, True]


def test_what_was_under_way_to_the_database_at_a_copy_stays(folder: Path) -> None:
    ten = folder / "updates-2026-11-25T10.jsonl"
    ten.touch()
    for number in (11, 12):
        Journal(folder).copied(datetime(2026, 11, 25, number, 0, 1, tzinfo=UTC))

    assert ten.exists()
