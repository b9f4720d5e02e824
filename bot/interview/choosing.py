"""Choices: a tap, a number or a typed label becomes answers."""

from collections.abc import Iterable, Iterator

from bot.interview.script import QUESTIONS, SLOT_OF_PREFIX
from bot.model.codes import COUNT_BANDS, DANGER, KEPT_FROM, Basis, Role, Window
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from nlu.taxonomy import INDICATORS, PROVINCES

SKIPPED = frozenset({"skip", "dont_know"})
_KNOWN = {
    "role": frozenset(Role),
    "province": frozenset(PROVINCES),
    "count": frozenset(COUNT_BANDS),
    "contact": frozenset(Window),
    "restrict": frozenset(KEPT_FROM),
}
_YES_OR_NO = {"ask_safe": Slot.SAFE_TO_WRITE, "ask_when_moved": Slot.WHEN_MOVED}
"""Questions that a yes or a no answers, and what it fills."""


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
        for answer in _answers_of(choice, pending):
            report = report.drop(Slot.NATIONALITY) if _replaces_stated(report, answer) else report
            report = report.keep(answer)
    return report


def _answers_of(choice: str, pending: str | None) -> Iterator[Answer]:
    """Give what a choice fills: its own slot, else that of the question; to be moved soon is danger."""
    if answer := answer_of(choice) or _answer_to(pending, choice):
        yield answer
        if answer.slot is Slot.WHEN_MOVED and answer.value == "yes":
            yield Answer(Slot.INDICATOR, DANGER, Basis.ANSWERED)


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
    slot = _YES_OR_NO.get(pending or "")
    return Answer(slot, choice, Basis.ANSWERED) if slot and choice in ("yes", "no") else None
