"""What is deleted is gone from the file, its free pages and its log; and what is due goes, whatever the clock says."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.clock import Clock
from bot.turns.drawer import Drawer
from bot.turns.sweeping import Sweeper
from bot.turns.times import Rules
from storage import inbox, letters, marks, outbox, sessions, turn
from storage.store import Store
from storage.vault import Vault
from tests.fakes.hotline import FakeHotline
from tests.fakes.pages import pages
from tests.fakes.postgres import Postgres
from tests.running import Running, WebReporter, eventually
from tests.storage.test_turns import KEY, NOW, effects, held, revision
from tests.stores import migrated

DATA_KEY = b"d" * 32
DANGER = "they will sell us tonight, we are in Bavet"
REGRETTED = "they will sell us tonight, we are in Kampot"


def traces(database: Path, *needles: bytes) -> int:
    return sum(page.count(needle) for page in pages(database, DATA_KEY) for needle in needles)


def of_ticket(ticket_id: str) -> tuple[bytes, ...]:
    """Every way in which a ticket's id stands in rows: as a UUID's hex, with hyphens, and raw."""
    known = UUID(ticket_id)
    return known.hex.encode(), str(known).encode(), known.bytes


def ticket_with(hotline: FakeHotline, words: str) -> str:
    return next(id_ for id_, ticket in hotline.tickets.items() if words in hotline.words(ticket))


async def test_the_id_of_an_erased_ticket_is_in_no_page_of_the_file_nor_its_log(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    database = tmp_path / "state" / "quietline.sqlite"
    key = base64.b64encode(DATA_KEY).decode()
    async with Running(tmp_path / "state", **to_hotline, data_key=key) as service:
        others = [await WebReporter(service.url).begin() for _ in range(3)]
        somebody = await WebReporter(service.url).begin()
        for who in (*others, others[0]):
            await who.say(DANGER)
        await somebody.say(REGRETTED)
        await eventually(lambda: len(hotline.tickets) == 4)
        stays, goes = (ticket_with(hotline, words) for words in (DANGER, REGRETTED))
        assert traces(database, *of_ticket(goes)) > 0, "this reader finds what is there"
        await somebody.say("erase")
        await somebody.choose("confirm_erase")
        await eventually(lambda: hotline.tickets[goes]["status"] == "withdrawn")
        await eventually(lambda: traces(database, *of_ticket(goes)) == 0)
        assert traces(database, *of_ticket(stays)) > 0
        await service.kill()

    assert traces(database, *of_ticket(goes)) == 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with migrated(f"sqlite:///{tmp_path / 'a.sqlite'}", DATA_KEY) as store:
        yield store


def sweeper(store: Store) -> Sweeper:
    async def give(_: datetime) -> None:
        return

    return Sweeper(store, Rules(timedelta(minutes=15), timedelta(days=30)), lambda: None, give)


def steady(sweeper: Sweeper) -> Sweeper:
    sweeper._clock = Clock(timedelta())
    return sweeper


def with_session(store: Store, purge_at: datetime) -> None:
    of = held()
    written = replace(effects(of), deadlines=sessions.Deadlines(None, purge_at))
    store.run_now(turn.commit, written, datetime.now(UTC))


async def test_what_has_had_its_time_goes_in_the_sweep(store: Store) -> None:
    with_session(store, datetime.now(UTC) - timedelta(seconds=1))
    await steady(sweeper(store)).sweep()

    assert store.run_now(sessions.load, KEY) is None


async def test_a_session_that_cannot_be_read_holds_up_nobody_and_goes_in_its_time(store: Store) -> None:
    of, past = held(), datetime.now(UTC) - timedelta(seconds=1)
    other = replace(held(), address_key=b"o" * 16)
    for number, one in enumerate((of, other)):
        written = replace(effects(one, str(number)), deadlines=sessions.Deadlines(past, past))
        store.run_now(turn.commit, written, datetime.now(UTC))
    with store.engine.begin() as db:
        db.execute(text("UPDATE sessions SET state = '{}' WHERE address_key = :key"), {"key": KEY})
    assert [found.address_key for found in store.run_now(sessions.silent, datetime.now(UTC))] == [b"o" * 16]
    await steady(sweeper(store)).sweep()

    assert store.run_now(sessions.load, KEY) is None


async def test_nothing_is_deleted_before_the_clock_has_been_steady_for_an_hour(store: Store) -> None:
    with_session(store, datetime.now(UTC) - timedelta(seconds=1))
    await sweeper(store).sweep()

    assert store.run_now(sessions.load, KEY)


async def test_deadlines_that_a_clock_left_too_far_ahead_are_pulled_in(store: Store) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    of = held()
    written = replace(effects(of), deadlines=sessions.Deadlines(ahead, ahead), revision=replace(revision(of, 1)))
    store.run_now(turn.commit, written, ahead)
    store.run_now(outbox.retry, ahead)
    with store.engine.begin() as db:
        db.execute(text("UPDATE deliveries SET due_at = :at"), {"at": ahead.replace(tzinfo=None)})
    await sweeper(store).sweep()
    found = store.run_now(sessions.load, KEY)
    due = store.run_now(outbox.ahead, 1)[0][1]

    now = datetime.now(UTC)
    assert found
    assert found.purge_at
    assert found.purge_at <= now + timedelta(days=30)
    assert due
    assert due <= now
    assert store.run_now(sessions.silent, now + timedelta(minutes=16))


async def test_a_delivery_does_not_wait_for_a_clock_that_went_back(store: Store) -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    of = held()
    store.run_now(turn.commit, effects(of, revision=replace(revision(of, 1), due_at=ahead)), ahead)
    store.run_now(marks.put, marks.SWEEP, ahead)
    await sweeper(store).sweep()

    assert [ticket for ticket, _ in store.run_now(outbox.ahead, 10)] == [of.session.ticket_id]


async def test_a_report_that_the_hotline_lacks_outlives_its_time(store: Store) -> None:
    of = held()
    past = datetime.now(UTC) - timedelta(days=1)
    written = replace(effects(of), deadlines=sessions.Deadlines(None, past), revision=revision(of, 1))
    store.run_now(turn.commit, written, NOW)
    await steady(sweeper(store)).sweep()

    assert store.run_now(sessions.load, KEY)
    assert store.run_now(outbox.size) == (1, 0)


def test_row_versions_of_an_erased_report_go_with_postgresqls_vacuum(postgres: Postgres) -> None:
    store = Store(postgres.new_database())
    store.migrate()
    of = held()
    store.run_now(inbox.put, [inbox.Arrival("telegram", "9", KEY, b"encrypted")], NOW)
    store.run_now(turn.commit, effects(of, revision=revision(of, 1)), NOW)
    store.run_now(turn.commit, effects(replace(of, version=1), "2", erase=True), NOW)
    store.vacuum()
    found = _found(store)
    dead = _dead(store)
    store.close()

    assert found is None
    assert dead == 0


def _found(store: Store) -> object:
    return store.run_now(sessions.load, KEY)


def _dead(store: Store) -> int:
    """Row versions that the server still keeps although nobody can see them."""
    with store.engine.begin() as db:
        db.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pgstattuple")
        tables = "unnest(ARRAY['sessions', 'deliveries', 'parts', 'inbox']) t"
        query = text(f"SELECT sum(dead_tuple_count) FROM (SELECT (pgstattuple(t)).* FROM {tables}) s")  # noqa: S608
        return int(db.execute(query).scalar_one())


async def test_a_letter_that_cannot_be_given_keeps_no_deadline(store: Store) -> None:
    """An advisor wrote to a session that cannot be read, as after going back a release."""
    past, later = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    unreadable, over = held(), replace(held(), address_key=b"o" * 16)
    for number, (of, purge_at) in enumerate(((unreadable, later), (over, past))):
        written = replace(effects(of, str(number)), deadlines=sessions.Deadlines(None, purge_at))
        store.run_now(turn.commit, written, datetime.now(UTC))
    store.run_now(letters.put, "letter", unreadable.session.ticket_id, b"words", NOW)
    with store.engine.begin() as db:
        db.execute(text("UPDATE sessions SET state = '{}' WHERE address_key = :key"), {"key": KEY})
    rules = Rules(timedelta(minutes=15), timedelta(days=30))
    drawer = Drawer(store, Vault(DATA_KEY), {}, rules, lambda: None)
    await steady(Sweeper(store, rules, lambda: None, drawer.give_in_hours)).sweep()

    assert store.run_now(sessions.load, over.address_key) is None
