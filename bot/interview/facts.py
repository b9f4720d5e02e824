"""What the words state goes into the report's slots."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.interview.heard import Heard
from bot.interview.script import QUESTIONS
from bot.model.codes import Basis, Role, count_band
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from bot.model.triage import IMMEDIATE
from nlu.understanding import Indicator, Understanding

ADULT_AGE = 18
_CHILD = "child_involved"
_LIKELY = 0.5
"""Calibrated: half of what is said at this confidence is so. Word lists say 1."""
_ROLE_OF_INTENT = {"report_self": Role.AFFECTED, "report_site": Role.WITNESS}
_ROLE_OF_RELATION = {"relative": Role.RELATIVE, "friend": Role.FRIEND}


def with_facts(session: Session, heard: Heard) -> Report:
    """Fill every slot that the words state.

    A correction replaces even what was chosen. A new place after filing, not said to be a correction,
    is a move: the person is elsewhere now.
    """
    report, filed = session.report, session.revision > 0
    answers = tuple(answer for answer in _stated(heard, session.pending) if _tells_more(answer, session, heard))
    before = report.value(Slot.PROVINCE)
    if heard.intent == "correct":
        report = _forget(report, answers)
    elif filed and any(answer.slot is Slot.PROVINCE for answer in answers):
        report = report.drop(Slot.PROVINCE)
    for answer in answers:
        report = report.keep(answer)
    moved = filed and heard.intent != "correct" and before not in (None, report.value(Slot.PROVINCE))
    return replace(report, moved=report.moved or moved)


def with_dangers(report: Report, codes: Iterable[str]) -> Report:
    """Fill in the dangers that the reporter's page found in words that we cannot read."""
    for code in codes:
        report = report.keep(Answer(Slot.INDICATOR, code, Basis.STATED))
        if code == _CHILD:
            report = report.keep(Answer(Slot.MINOR, "yes", Basis.STATED))
    return report


def _tells_more(answer: Answer, session: Session, heard: Heard) -> bool:
    """Whether words change who the reporter is: not once it is known, and no description of a place makes a witness."""
    if answer.slot is not Slot.ROLE or heard.intent == "correct":
        return True
    describes = session.pending is not None and QUESTIONS[session.pending].in_words
    return session.report.get(Slot.ROLE) is None and not (describes and answer.value == Role.WITNESS)


def _forget(report: Report, answers: Iterable[Answer]) -> Report:
    for slot in {answer.slot for answer in answers} - {Slot.INDICATOR}:
        report = report.drop(slot)
    return report


def _stated(heard: Heard, pending: str | None) -> Iterator[Answer]:
    said = heard.understanding
    for slot, value in _codes(said):
        yield Answer(slot, value, Basis.STATED)
    if role := _role(heard, pending):
        yield Answer(Slot.ROLE, role, Basis.STATED)


def _codes(said: Understanding) -> Iterator[tuple[Slot, str]]:
    if said.province:
        yield Slot.PROVINCE, said.province
    if said.people_count and said.people_count > 0:
        yield Slot.PEOPLE_COUNT, count_band(said.people_count)
    for country in said.nationalities:
        yield Slot.NATIONALITY, country
    for indicator in said.indicators:
        if indicator.code != _CHILD and _is_believed(indicator):
            yield Slot.INDICATOR, indicator.code
    yield from _minor(said)


def _is_believed(indicator: Indicator) -> bool:
    """What makes a report immediate, and is answered, must be likelier true than not."""
    return indicator.code not in IMMEDIATE or indicator.confidence >= _LIKELY


def _minor(said: Understanding) -> Iterator[tuple[Slot, str]]:
    if _is_of_a_child(said):
        yield Slot.MINOR, "yes"
        yield Slot.INDICATOR, _CHILD
    elif said.ages:
        yield Slot.MINOR, "no"


def _is_of_a_child(said: Understanding) -> bool:
    """An age below 18, or words for it; the model's mere belief does not stand against an age that was read."""
    stated = [indicator.confidence for indicator in said.indicators if indicator.code == _CHILD]
    if any(age < ADULT_AGE for age in said.ages) or 1.0 in stated:
        return True
    return bool(stated) and not said.ages


def _role(heard: Heard, pending: str | None) -> Role | None:
    """Who is meant: "my son" says it where it was asked, else where a person is reported."""
    if heard.intent == "report_person" or pending == "ask_role":
        values = (entity.value for entity in heard.understanding.entities if entity.entity == "relation")
        return next((_ROLE_OF_RELATION[value] for value in values if value in _ROLE_OF_RELATION), None)
    return _ROLE_OF_INTENT.get(heard.intent or "")
