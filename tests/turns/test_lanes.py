"""Who floods waits behind everybody else; who does not, never."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.pulled import PulledChannel, pack
from bot.errors import UpdateError
from bot.model.codes import Lane
from bot.turns.lanes import AT_ONCE, Lanes
from bot.turns.reception import Reception
from storage.store import Store
from storage.together import Together
from storage.vault import Vault

VAULT, WEB = Vault(b"k" * 32), PulledChannel("web", clears=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'a.sqlite'}")
    yield store
    store.close()


class Receiving:
    """A reception whose clock stands still, and in which lanes it kept what."""

    def __init__(self, store: Store) -> None:
        self.lanes: list[Lane] = []
        lanes = Lanes(lambda: False, lambda: 0.0)
        self.accept = Reception(Together(store), VAULT, lanes, lambda _key, lane: self.lanes.append(lane)).accept


def written(first: int, count: int) -> list[bytes]:
    return [pack("somebody", str(number), {"text": "hello"}, "en") for number in range(first, first + count)]


async def test_what_comes_again_since_the_database_was_away_is_no_flood(store: Store) -> None:
    reception = Receiving(store)
    for _ in range(10):
        with pytest.raises(SQLAlchemyError):
            await reception.accept(WEB, written(0, 13))  # there are no tables yet
    store.migrate()
    await reception.accept(WEB, written(0, 13))

    assert reception.lanes == [Lane.NORMAL] * 13


async def test_what_was_kept_before_is_no_flood(store: Store) -> None:
    store.migrate()
    reception = Receiving(store)
    for _ in range(10):
        await reception.accept(WEB, written(0, 13))
    await reception.accept(WEB, written(13, 1))

    assert reception.lanes == [Lane.NORMAL] * 14


async def test_what_came_with_an_update_that_nobody_can_read_is_no_flood(store: Store) -> None:
    store.migrate()
    reception = Receiving(store)
    for _ in range(10):
        with pytest.raises(UpdateError):
            await reception.accept(WEB, [*written(0, 13), b"nothing"])
    await reception.accept(WEB, written(0, 13))

    assert reception.lanes == [Lane.NORMAL] * 13


async def test_a_flood_that_is_repeated_stays_one(store: Store) -> None:
    store.migrate()
    reception = Receiving(store)
    for _ in range(10):
        await reception.accept(WEB, written(0, 2 * AT_ONCE))
    await reception.accept(WEB, written(2 * AT_ONCE, 1))

    assert reception.lanes == [Lane.NORMAL] * AT_ONCE + [Lane.LOW_TRUST] * (AT_ONCE + 1)
