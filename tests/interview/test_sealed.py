"""The interview goes on over parts that only the hotline can read."""

from dataclasses import replace

import pytest

from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.script import QUESTIONS
from bot.model.codes import ATTACHMENTS, DANGER, Basis, PartKind
from bot.model.message import Sealed, Text
from bot.model.private import Private
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from bot.model.triage import IMMEDIATE, kept_from
from tests.interview.talking import SESSION, codes, said


def at(question: str, **more: object) -> Session:
    return replace(SESSION, pending=question, asked=(question,), **more)  # type: ignore[arg-type]


def send(session: Session, kind: PartKind, *dangers: str) -> Outcome:
    return advance(session, Heard(Sealed(kind, b"an age file", dangers)))


@pytest.mark.parametrize("question", ["ask_exact_place", "ask_identity", "ask_last_place"])
def test_sealed_words_answer_the_question_that_was_asked(question: str) -> None:
    outcome = send(at(question), PartKind.WORDS)

    assert codes(outcome, QUESTIONS[question].slot) == ["given"]
    assert outcome.session.report.evidence == (PartKind.WORDS,)
    assert outcome.session.pending != question


def test_sealed_words_at_a_question_with_choices_leave_it_where_it_is() -> None:
    outcome = send(at("ask_count"), PartKind.WORDS)

    assert said(outcome) == ["noted"]
    assert outcome.say[-1].question == "ask_count"
    assert outcome.session.report.evidence == (PartKind.WORDS,)


def test_a_sealed_pin_is_the_exact_place_and_the_province_is_asked_next() -> None:
    outcome = send(at("ask_exact_place"), PartKind.PIN)

    assert said(outcome) == ["location_kept", "ask_province"]
    assert codes(outcome, Slot.EXACT_PLACE) == ["given"]
    assert codes(outcome, Slot.PROVINCE) == []


def test_a_sealed_pin_is_no_name() -> None:
    assert codes(send(at("ask_identity"), PartKind.PIN), Slot.IDENTITY) == []


@pytest.mark.parametrize("kind", sorted(ATTACHMENTS))
def test_a_sealed_file_is_kept_as_one_in_clear_is(kind: PartKind) -> None:
    outcome = send(at("ask_photo"), kind)

    assert said(outcome)[0] == "attachment_kept"
    assert outcome.session.report.evidence == (kind,)


def test_a_sealed_voice_message_answers_any_question() -> None:
    assert send(at("ask_count"), PartKind.VOICE).session.pending != "ask_count"


@pytest.mark.parametrize("danger", sorted(IMMEDIATE))
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_danger_that_the_page_found_files_at_once_and_is_answered(question: str, danger: str) -> None:
    outcome = send(at(question), PartKind.WORDS, danger)

    assert outcome.file
    assert danger in codes(outcome, Slot.INDICATOR)
    assert {"danger_ack", "child_ack", "self_harm_ack"} & set(said(outcome))


def test_officials_that_the_page_heard_of_must_not_see_the_report_and_raise_no_alarm() -> None:
    outcome = send(at("ask_identity"), PartKind.WORDS, "official_complicity")

    assert kept_from(outcome.session.report) == ("local_authorities",)
    assert not outcome.file
    assert not {"danger_ack", "child_ack", "self_harm_ack"} & set(said(outcome))


def test_in_a_hidden_chat_nothing_sealed_is_kept() -> None:
    outcome = send(at("ask_identity", hidden=True, receipt=True), PartKind.WORDS, "medical_need")

    assert said(outcome) == ["decoy.sorry"]
    assert outcome.session.report == Report()


def test_sealed_words_amend_a_report_that_is_filed() -> None:
    told = Report((Answer(Slot.PROVINCE, "KH-1", Basis.ANSWERED),))
    outcome = send(replace(SESSION, report=told, revision=1, finished=True), PartKind.WORDS)

    assert outcome.file
    assert outcome.session.revision == 2


@pytest.mark.parametrize("question", ["ask_exact_place", "ask_identity", "ask_seen"])
def test_nought_is_danger_also_where_any_words_are_an_answer(question: str) -> None:
    outcome = advance(at(question), Heard(Text(Private("0")), choices=(DANGER,)))

    assert codes(outcome, Slot.INDICATOR) == [DANGER]
    assert outcome.file
    assert outcome.session.pending == question
