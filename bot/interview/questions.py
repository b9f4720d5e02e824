"""Which question next, and when to stop."""

from collections.abc import Iterable

from bot.interview.script import MOST_QUESTIONS, PATHS, QUESTIONS, SAFE, Path, Question
from bot.model.codes import PartKind, Role
from bot.model.message import Pin, Sealed
from bot.model.report import Slot
from bot.model.session import Session


def next_first(session: Session) -> Question | None:
    """Give the question worth asking next of those that make a report complete."""
    return _next(session, _path(session).first)


def next_then(session: Session) -> Question | None:
    """Give the one worth asking next of somebody whose report is complete."""
    return _next(session, _path(session).then)


def _path(session: Session) -> Path:
    role = session.report.value(Slot.ROLE)
    return PATHS[Role(role) if role else None]


def _next(session: Session, ids: Iterable[str]) -> Question | None:
    """Give the first whose slot is missing and that was not asked; never more than a person has time for."""
    if len([asked for asked in session.asked if asked != SAFE.id]) >= MOST_QUESTIONS:
        return None
    return next((QUESTIONS[id_] for id_ in ids if _is_open(QUESTIONS[id_], session)), None)


def _is_open(question: Question, session: Session) -> bool:
    return question.id not in session.asked and not session.report.all(question.slot)


def is_answered_by_sealing(question: Question | None, message: object) -> bool:
    """Whether words, a photo or a pin are an answer by themselves, to be opened at the hotline."""
    if question is None or not question.in_words:
        return False
    return question.slot is Slot.EXACT_PLACE or not _is_pin(message)


def _is_pin(message: object) -> bool:
    return isinstance(message, Pin) or (isinstance(message, Sealed) and message.kind is PartKind.PIN)
