"""What one turn writes, it writes whole, over the session that it read, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bot.errors import SessionMoved
from bot.model.codes import Handling, Lane, PartKind
from bot.model.part import SealedPart
from bot.model.reply import Say
from bot.model.session import Session
from storage import inbox, outbox, replies, sessions, turn
from storage.inbox import Arrival
from storage.outbox import NewDelivery
from storage.replies import NewReply
from storage.sessions import Deadlines, Held
from storage.store import Store
from storage.turn import Effects
from tests.stores import migrated

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
KEY = b"k" * 16


@pytest.fixture
def store(tmp_path: Path, on_each_store: dict[str, str]) -> Iterator[Store]:
    with migrated(on_each_store.get("database_url", f"sqlite:///{tmp_path / 'a.sqlite'}"), b"k" * 32) as store:
        yield store


def held(version: int = 0) -> Held:
    return Held(Session(uuid4(), "telegram"), version, KEY, b"address", NOW)


def effects(of: Held, cause: str = "1", **more: object) -> Effects:
    reply = NewReply("telegram", cause, KEY, b"address", "en", (Say("noted"),), caused_at=NOW)
    whole = Effects(None, of, Deadlines(NOW, NOW + timedelta(days=30)), reply=reply)
    return replace(whole, **more)


def revision(of: Held, number: int) -> NewDelivery:
    return NewDelivery(f"{of.session.ticket_id}-{number}", "ticket.filed", NOW, {"revision": number})


def due(store: Store) -> list[UUID]:
    return [ticket for ticket, due_at in store.run_now(outbox.ahead, 10) if due_at <= NOW]


def test_a_turn_over_a_session_that_moved_writes_nothing(store: Store) -> None:
    first = held()
    store.run_now(turn.commit, effects(first), NOW)
    for late in (effects(first, "2"), effects(first, "2", erase=True), effects(held(1), "2")):
        with pytest.raises(SessionMoved):
            store.run_now(turn.commit, late, NOW)

    assert store.run_now(replies.of_cause, "telegram", "2") is None
    assert store.run_now(sessions.load, KEY) == replace(first, version=1, purge_at=first.begun_at + timedelta(days=30))


def test_a_silent_filing_that_comes_after_an_erase_brings_nothing_back(store: Store) -> None:
    first = held()
    store.run_now(turn.commit, effects(first), NOW)
    (read,) = store.run_now(sessions.silent, NOW)
    store.run_now(turn.commit, effects(read, "2", erase=True), NOW)
    store.run_now(turn.commit, effects(held(), "3"), NOW)  # they write again: a new report, of version 1 too
    with pytest.raises(SessionMoved):
        store.run_now(turn.commit, effects(read, "4", reply=None, revision=revision(read, 1)), NOW)

    assert store.run_now(outbox.size) == (0, 0)


def test_the_id_of_an_erased_reply_never_comes_again(store: Store) -> None:
    first = held()
    store.run_now(turn.commit, effects(first), NOW)
    ((before, _),) = store.run_now(replies.ahead, 10)
    assert store.run_now(replies.claim, before)
    store.run_now(turn.commit, effects(replace(first, version=1), "2", erase=True), NOW)
    store.run_now(replies.settle, before, "sent")

    assert [after > before for after, _ in store.run_now(replies.ahead, 10)] == [True]


def test_what_waits_for_somebody_who_stops_is_never_sent(store: Store) -> None:
    first = held()
    store.run_now(turn.commit, effects(first), NOW)
    store.run_now(turn.commit, effects(replace(first, version=1), "2", hushes=True), NOW)
    ((only, _),) = store.run_now(replies.ahead, 10)
    spoken = store.run_now(replies.waiting, only)

    assert spoken is not None
    assert spoken.cause == "2"


def test_a_file_that_a_hotline_refuses_does_not_hold_its_ticket_back(store: Store) -> None:
    ticket = uuid4()
    photo = SealedPart(uuid4(), PartKind.PHOTO, "0" * 64, b"sealed")
    store.run_now(outbox.add_parts, ticket, [photo])
    store.run_now(outbox.add, ticket, NewDelivery("t-1", "ticket.filed", NOW, {}), NOW)
    for _ in range(2):
        file = store.run_now(outbox.take, ticket, NOW)
        assert file
        assert file.delivery.type == "part.sealed"
        store.run_now(outbox.later, file, NOW)
    file = store.run_now(outbox.take, ticket, NOW)
    assert file
    store.run_now(outbox.later, file, NOW + timedelta(hours=1))
    revision = store.run_now(outbox.take, ticket, NOW)

    assert revision
    assert revision.delivery.webhook_id == "t-1"
    assert store.run_now(outbox.ahead, 1)[0][1] == NOW
    store.run_now(outbox.accepted, revision.id)
    assert store.run_now(outbox.next_of, ticket) == NOW + timedelta(hours=1)


def test_an_urgent_revision_takes_along_what_only_rests(store: Store) -> None:
    ticket, later = uuid4(), NOW + timedelta(minutes=4)
    store.run_now(outbox.add, ticket, NewDelivery("t-1", "ticket.filed", later, {}), NOW)
    assert due(store) == []
    urgent = NewDelivery("t-2", "ticket.amended", NOW, {}, lane=Lane.URGENT)
    store.run_now(outbox.add, ticket, urgent, NOW)

    assert due(store) == [ticket]
    first = store.run_now(outbox.take, ticket, NOW)
    assert first
    assert (first.delivery.webhook_id, first.delivery.lane) == ("t-1", Lane.URGENT)


def test_urgent_tickets_go_first_and_a_flood_last(store: Store) -> None:
    tickets = {lane: uuid4() for lane in (Lane.LOW_TRUST, Lane.NORMAL, Lane.URGENT)}
    for lane, ticket in tickets.items():
        store.run_now(outbox.add, ticket, NewDelivery(f"t-{lane}", "ticket.filed", NOW, {}, lane=lane), NOW)

    assert due(store) == [tickets[lane] for lane in Lane]
    assert store.run_now(outbox.ahead, 1)[0][0] == tickets[Lane.URGENT]


def test_nothing_overtakes_what_waits_for_the_hotline(store: Store) -> None:
    ticket, later = uuid4(), NOW + timedelta(minutes=10)
    store.run_now(outbox.add, ticket, NewDelivery("t-1", "ticket.filed", NOW, {}), NOW)
    first = store.run_now(outbox.take, ticket, NOW)
    assert first
    store.run_now(outbox.later, first, later)
    store.run_now(outbox.add, ticket, NewDelivery("t-2", "ticket.amended", NOW, {}, lane=Lane.URGENT), NOW)

    assert due(store) == []
    assert store.run_now(outbox.next_of, ticket) == later


def test_what_was_given_up_on_is_tried_again_when_a_person_says_so(store: Store) -> None:
    ticket = uuid4()
    store.run_now(outbox.add, ticket, NewDelivery("t-1", "ticket.filed", NOW, {}), NOW)
    due = store.run_now(outbox.take, ticket, NOW)
    assert due
    store.run_now(outbox.park, due.id)
    assert store.run_now(outbox.size) == (0, 1)

    assert store.run_now(outbox.retry, NOW) == [ticket]
    assert store.run_now(outbox.size) == (1, 0)


def test_a_turn_on_an_update_that_was_worked_off_elsewhere_writes_nothing(store: Store) -> None:
    store.run_now(inbox.put, [inbox.Arrival("telegram", "9", KEY, b"x")], NOW)
    row = store.run_now(inbox.first, KEY)
    assert row
    store.run_now(inbox.finish, row.id)
    with pytest.raises(SessionMoved):
        store.run_now(turn.commit, replace(effects(held()), row_id=row.id), NOW)

    assert store.run_now(sessions.load, KEY) is None


def test_the_same_update_twice_is_kept_once(store: Store) -> None:
    twice = [inbox.Arrival("telegram", "9", KEY, b"x"), inbox.Arrival("telegram", "9", KEY, b"y")]
    assert len(store.run_now(inbox.put, twice, NOW)) == 1
    assert store.run_now(inbox.put, twice, NOW) == []

    assert store.run_now(inbox.size) == (1, 0)


def test_the_purge_leaves_what_the_hotline_lacks_and_what_waits_for_a_person(store: Store) -> None:
    first = held()
    store.run_now(turn.commit, effects(first, revision=revision(first, 1)), NOW)
    arrival = inbox.Arrival("telegram", "9", KEY, b"x")
    store.run_now(inbox.put, [arrival], NOW)
    row = store.run_now(inbox.first, KEY)
    assert row
    store.run_now(inbox.park, row.id)
    later = NOW + timedelta(days=31)

    assert store.run_now(sessions.purge, later) == 0
    due = store.run_now(outbox.take, first.session.ticket_id, NOW)
    assert due
    store.run_now(outbox.accepted, due.id)
    assert store.run_now(sessions.purge, later) == 1
    assert store.run_now(inbox.size) == (0, 1)
    assert store.run_now(sessions.load, KEY) is None


def parked(store: Store) -> int:
    """Accept an update and set it aside, saying so; gives its row."""
    (arrival,) = store.run_now(inbox.put, [Arrival("telegram", "1", KEY, b"body")], NOW)
    row = store.run_now(inbox.first, arrival.address_key)
    assert row
    apology = NewReply("telegram", "1", KEY, b"address", "en", (Say("trouble"),), caused_at=NOW)
    store.run_now(turn.set_aside, row.id, apology, NOW)
    assert store.run_now(inbox.first, KEY) is None
    return row.id


def test_an_update_that_was_set_aside_is_answered_when_a_person_lets_it_be_tried_again(store: Store) -> None:
    row = parked(store)
    assert store.run_now(inbox.retry) == 1
    store.run_now(turn.commit, replace(effects(held()), row_id=row), NOW)

    said = store.run_now(replies.of_cause, "telegram", "1")
    assert said
    assert [say.key for say in said.says] == ["noted"]


def test_an_update_can_be_set_aside_more_than_once(store: Store) -> None:
    row = parked(store)
    apology = NewReply("telegram", "1", KEY, b"address", "en", (Say("trouble"),), caused_at=NOW)
    store.run_now(turn.set_aside, row, apology, NOW)  # as another replica does at the same moment
    store.run_now(inbox.retry)
    store.run_now(turn.set_aside, row, apology, NOW)

    assert store.run_now(inbox.size) == (0, 1)


def test_a_hotline_that_said_something_already_is_not_waited_for(store: Store) -> None:
    """Its answer to the delivery was lost, an advisor went on with it, and the delivery was repeated."""
    read = held()
    handled = replace(read, session=replace(read.session, handling=Handling.ACKNOWLEDGED))
    unheard = replace(held(), address_key=b"other key 16 byt")
    for of in (handled, unheard):
        reply = NewReply("telegram", str(of.address_key), of.address_key, b"", "en", (), caused_at=NOW)
        store.run_now(turn.commit, effects(of, reply=reply), NOW)
        store.run_now(sessions.await_word, of.session.ticket_id, NOW)

    assert store.run_now(sessions.unacknowledged, NOW) == 1


def test_what_comes_back_from_a_channel_after_they_said_stop_is_not_sent_again(store: Store) -> None:
    with store.engine.begin() as db:
        replies.add(db, NewReply("telegram", "1", KEY, b"address", "en", (Say("noted"),), caused_at=NOW), NOW)
        ((reply_id, _),) = replies.ahead(db, 1)
        assert replies.claim(db, reply_id)
        replies.hush(db, KEY)
        replies.later(db, reply_id, NOW)

        assert not replies.ahead(db, 1)
