"""What one message says, by the question that waits and by what the channel can."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.capabilities import Capabilities
from bot.channels.pulled import PulledChannel
from bot.interview.heard import Heard
from bot.model.codes import PartKind
from bot.model.message import Address, Sealed, Text, Update
from bot.model.private import Private
from bot.privacy.rules import RETENTION
from bot.turns.hearing import hear
from bot.turns.times import Rules, Times
from nlu.understanding import Entity, Understanding
from storage.sessions import Held
from tests.fakes.nlu import Words
from tests.interview.talking import SESSION

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SILENCE = timedelta(minutes=15)


class Floor:
    async def understand(self, text: str) -> Understanding:
        return Understanding(entities=(Entity("unit", text, text),))


class Nobody:
    async def understand(self, text: str) -> Understanding:
        raise AssertionError(len(text))


def channel(*, erases: bool = False, clears: bool = False) -> PulledChannel:
    found = PulledChannel("web", clears=clears)
    found.capabilities = Capabilities(4096, 1000, pushes=True, erases=erases, clears=clears)
    return found


async def heard(text: str, pending: str | None, on: PulledChannel, nlu: object = Words(), **held: datetime) -> Heard:
    session = replace(SESSION, pending=pending)
    known = replace(Held(session, 1, b"k", b"a", NOW), **held)
    update = Update("1", Address("web", Private("x")), Text(Private(text)))
    return (await hear(update, known, on, nlu, Times(NOW, Rules(SILENCE)))).heard  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "count"),
    [("about thirty", 30), ("maybe 40", 40), ("三十左右", 30), ("somewhere between 20 and 30 I believe", None)],
    ids=["words", "digits", "Chinese", "two numbers"],
)
async def test_a_number_where_it_was_asked_how_many_is_people(text: str, count: int | None) -> None:
    assert (await heard(text, "ask_count", channel())).understanding.people_count == count


async def test_a_floor_is_no_number_of_people() -> None:
    assert (await heard("floor 6", "ask_count", channel(), Floor())).understanding.people_count is None


async def test_a_bare_number_in_a_list_says_nothing_but_its_place() -> None:
    listed = await heard("12", "ask_danger", channel())
    chosen = await heard("2", "ask_danger", channel())

    assert not listed.states_facts
    assert listed.choices == ()
    assert chosen.choices == ("restriction_of_movement",)


@pytest.mark.parametrize(
    ("erases", "clears", "days", "told"),
    [
        (True, False, 1, "erased"),
        (True, False, 3, "erased_old"),
        (False, True, 3, "erased"),
        (False, False, 1, "erased_by_hand"),
    ],
)
async def test_an_erasure_will_say_what_stays_on_the_phone(erases: bool, clears: bool, days: int, told: str) -> None:  # noqa: FBT001
    on = channel(erases=erases, clears=clears)

    assert (await heard("erase", None, on, begun_at=NOW - timedelta(days=days))).erased == told


@pytest.mark.parametrize(("minutes", "quiet"), [(5, False), (20, True)])
async def test_a_silence_before_a_message_is_noticed(minutes: int, quiet: bool) -> None:  # noqa: FBT001
    last = NOW - timedelta(minutes=minutes)

    assert (await heard("erase", None, channel(), purge_at=last + RETENTION)).after_silence is quiet


async def test_what_the_page_sealed_is_given_to_nobody_to_understand() -> None:
    update = Update("1", Address("web", Private("x")), Sealed(PartKind.WORDS, b"an age file"))
    held = Held(SESSION, 1, b"k", b"a", NOW)
    found = await hear(update, held, channel(), Nobody(), Times(NOW, Rules(SILENCE)))

    assert found.heard.understanding == Understanding()
    assert found.file is None
