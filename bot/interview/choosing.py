"""Choices: a tap, a number or a typed label becomes answers."""

from collections.abc import Iterable

from bot.interview.script import QUESTIONS, SLOT_OF_PREFIX
from bot.model.codes import COUNT_BANDS, Basis, Role
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from nlu.taxonomy import INDICATORS, PROVINCES

SKIPPED = frozenset({"skip", "dont_know"})
_KNOWN = {
    "role": frozenset(Role),
    "province": frozenset(PROVINCES),
    "count": frozenset(COUNT_BANDS),
}


def is_understood(choice: str, session: Session, question: str | None) -> bool:
    """Whether a choice says something now: it names its own slot, or answers the question that waits.

    A yes or a skip that was offered with another question is over.
    """
    if answer_of(choice) is not None:
        return True
    if session.pending is None or (question is not None and question != session.pending):
        return False
    return choice in (*QUESTIONS[session.pending].choices, *SKIPPED, "no")


def answers_pending(choices: Iterable[str], pending: str) -> bool:
    """Whether any of the choices is for the question that waits, and not for another one's slot."""
    named = [answer_of(choice) for choice in choices]
    return any(answer is None or answer.slot is QUESTIONS[pending].slot for answer in named)


def take(report: Report, choices: Iterable[str], pending: str | None) -> Report:
    """Put chosen answers into the report; what names no slot answers the pending question."""
    for choice in choices:
        if answer := answer_of(choice) or _answer_to(pending, choice):
            report = report.drop(Slot.NATIONALITY) if _replaces_stated(report, answer) else report
            report = report.keep(answer)
    return report


def _replaces_stated(report: Report, answer: Answer) -> bool:
    stated = any(held.basis is Basis.STATED for held in report.all(Slot.NATIONALITY))
    return answer.slot is Slot.NATIONALITY and stated


def answer_of(choice: str) -> Answer | None:
    """Read a choice that names its own slot, such as `province:KH-18` or an indicator's code."""
    if choice in INDICATORS:
        return Answer(Slot.INDICATOR, choice, Basis.ANSWERED)
    prefix, _, code = choice.partition(":")
    if prefix in SLOT_OF_PREFIX and _is_known(prefix, code):
        return Answer(SLOT_OF_PREFIX[prefix], code, Basis.ANSWERED)
    return None


def _is_known(prefix: str, code: str) -> bool:
    if prefix == "nationality":
        return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
    return code in _KNOWN[prefix]


def _answer_to(pending: str | None, choice: str) -> Answer | None:
    if pending == "ask_safe" and choice in ("yes", "no"):
        return Answer(Slot.SAFE_TO_WRITE, choice, Basis.ANSWERED)
    return None
