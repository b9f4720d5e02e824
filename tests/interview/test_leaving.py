"""Leaving: the safe word, an erasure and what it tells the hotline."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.model.codes import Basis, Status
from bot.model.message import Text
from bot.model.private import Private
from bot.model.report import Answer, Slot
from bot.privacy.open_part import open_part
from tests.interview.talking import SESSION, said, tell

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
FILED = tell(SESSION, "x", province="KH-7", indicators=["medical_need"]).session
ERASE = Heard(Text(Private("erase")), command="erase")


def withdrawal(heard: Heard, session: object = FILED) -> str:
    outcome = advance(session, heard)  # type: ignore[arg-type]
    assert outcome.file is Status.WITHDRAWN
    return str(open_part(outcome.session, outcome.file, NOW, {})["withdrawal"])


def test_an_erasure_is_by_the_reporter() -> None:
    assert withdrawal(ERASE) == "by_reporter"


@pytest.mark.parametrize("change", [{"after_silence": True}, {"retracts": True}])
def test_an_erasure_where_the_tone_turned_is_possibly_under_pressure(change: dict[str, bool]) -> None:
    assert withdrawal(replace(ERASE, **change)) == "possibly_under_pressure"  # type: ignore[arg-type]


def test_words_that_all_is_well_are_asked_about_and_the_withdrawal_says_so() -> None:
    asked = advance(FILED, Heard(Text(Private("I am fine now, forget it")), retracts=True))

    assert said(asked) == ["ask_erase"]
    assert withdrawal(Heard(Text(Private("yes")), command="yes"), asked.session) == "possibly_under_pressure"


def test_words_that_all_is_well_before_anything_was_filed_are_words() -> None:
    begun = tell(SESSION, "x", province="KH-7").session
    outcome = advance(begun, Heard(Text(Private("I am fine now")), retracts=True))

    assert said(outcome) != ["ask_erase"]


@pytest.mark.parametrize("key", ["erased", "erased_old", "erased_by_hand"])
def test_an_erasure_says_truthfully_what_stays_on_the_phone(key: str) -> None:
    assert said(advance(FILED, replace(ERASE, erased=key))) == [key]


def test_a_restriction_and_the_hours_of_an_answer_stand_in_the_ticket() -> None:
    report = FILED.report
    for slot, value in ((Slot.RESTRICTION, "police"), (Slot.RESTRICTION, "family"), (Slot.CONTACT, "evening")):
        report = report.keep(Answer(slot, value, Basis.ANSWERED))
    ticket = open_part(replace(FILED, report=report), Status.PARTIAL, NOW, {})

    assert ticket["restrictions"] == ["not_police", "not_family"]
    assert ticket["contact"] == {"may_reply": True, "window": "evening"}
    assert "safe_contact" in ticket["actionability"]["present"]  # type: ignore[index]
