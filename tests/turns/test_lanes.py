"""Who floods waits behind everybody else; who does not, never."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.pulled import PulledChannel, pack
from bot.errors import UpdateError
from bot.model.codes import Lane
from bot.privacy.seal import Sealer
from bot.turns.lanes import AT_ONCE, Lanes
from bot.turns.loop import TurnLoop
from bot.turns.reception import BODY, Reception
from bot.turns.taking import Turns
from bot.turns.times import Rules
from storage import inbox
from storage.claims import Claims
from storage.inbox import Arrival
from storage.store import Store
from storage.together import Together
from storage.vault import Vault
from tests.fakes.nlu import Words
from tests.running import eventually

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


async def test_a_flood_that_began_with_danger_is_overtaken_once_it_shows(store: Store) -> None:
    store.migrate()
    taken: list[str] = []
    turns = Turns(
        store,
        Claims(store),
        VAULT,
        Sealer([str(x25519.Identity.generate().to_public())]),
        Words(),
        {"web": WEB},
        Rules(timedelta(minutes=15)),
        lambda _channel, cause: taken.append(cause),
        lambda key: loop.slow(key),  # noqa: PLW0108 - made below
    )
    loop = TurnLoop(turns.take_next, 1)
    of_flood = [arrival("flood", "danger", Lane.URGENT), *(arrival("flood", f"{n}", Lane.LOW_TRUST) for n in range(3))]
    for update in (*of_flood, arrival("somebody", "theirs", Lane.NORMAL)):
        store.run_now(inbox.put, [update], datetime.now(UTC))
        loop.wake(update.address_key, update.lane)
    working = asyncio.create_task(loop.run())
    await eventually(lambda: len(taken) == 5)
    working.cancel()

    assert taken == ["danger", "0", "theirs", "1", "2"]


async def test_a_flood_that_moved_up_has_one_place_in_line_still() -> None:
    left, taken = {b"flood": 3, b"other": 2}, []

    async def take(key: bytes) -> float | None:
        loop.slow(key)
        taken.append(key)
        left[key] -= 1
        return 0.0 if left[key] else None

    loop = TurnLoop(take, 1)
    loop.wake_all([(b"flood", Lane.LOW_TRUST), (b"other", Lane.LOW_TRUST), (b"flood", Lane.NORMAL)])
    working = asyncio.create_task(loop.run())
    await eventually(lambda: not any(left.values()))
    working.cancel()

    assert taken == [b"flood", b"other", b"flood", b"other", b"flood"]


def arrival(user: str, cause: str, lane: Lane) -> Arrival:
    raw = pack(user, cause, {"text": "hello"}, "en")
    return Arrival("web", cause, VAULT.address_key("web", user), VAULT.encrypt(raw, BODY), lane)
