"""Which question next, and when to stop."""

from bot.interview.script import MOST_QUESTIONS, SAFE, SCRIPT, Question
from bot.model.codes import Role
from bot.model.message import Pin
from bot.model.report import Report, Slot
from bot.model.session import Session


def next_question(session: Session) -> Question | None:
    """Give the one question worth asking next: the first whose slot is missing and that was not asked."""
    if len([asked for asked in session.asked if asked != SAFE.id]) >= MOST_QUESTIONS:
        return None
    return next((question for question in SCRIPT if _is_open(question, session)), None)


def _is_open(question: Question, session: Session) -> bool:
    report = session.report
    missing = not report.all(question.slot)
    return missing and question.id not in session.asked and _is_for(question, report)


def _is_for(question: Question, report: Report) -> bool:
    role = report.value(Slot.ROLE)
    return not question.roles or (role is not None and Role(role) in question.roles)


def is_answered_by_sealing(question: Question | None, message: object) -> bool:
    """Whether words, a photo or a pin are an answer by themselves, to be opened at the hotline."""
    if question is None or not question.in_words:
        return False
    return question.slot is not Slot.IDENTITY or not isinstance(message, Pin)
