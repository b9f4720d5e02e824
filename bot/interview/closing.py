"""When a report is filed, and how it is withdrawn."""

from dataclasses import replace

from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.model.codes import Status
from bot.model.reply import Say
from bot.model.report import Report, Slot
from bot.model.session import Session
from bot.model.triage import has_substance, urgent_reasons

CONFIRMED = ("erase", "no")
"""Choices offered before an erasure that was wished in many words."""


def file_if_due(before: Session, outcome: Outcome) -> Outcome:
    """File a revision where one is due: the report is complete, danger is stated, or what was filed has changed."""
    after = outcome.session
    if outcome.erase or not has_substance(after.report):
        return outcome
    due = outcome.leaves or after.revision > 0 or after.finished or bool(urgent_reasons(after.report))
    changed = after.revision == 0 or _differs(before, after)
    return _filed(outcome) if due and changed else outcome


def _differs(before: Session, after: Session) -> bool:
    return before.report != after.report or before.finished != after.finished


def _filed(outcome: Outcome) -> Outcome:
    after = outcome.session
    status = Status.COMPLETE if after.finished else Status.PARTIAL
    return replace(outcome, session=replace(after, revision=after.revision + 1), file=status)


def fall_silent(session: Session) -> Outcome:
    """File what there is, without a byte to the reporter: silence can be the safe answer."""
    outcome = Outcome(session)
    if session.revision > 0 or not has_substance(session.report):
        return outcome
    return _filed(outcome)


def refile(session: Session) -> Outcome:
    """File once more what is filed: something besides the report has changed."""
    return _filed(Outcome(session)) if session.revision > 0 else Outcome(session)


def withdraw(session: Session, heard: Heard) -> Outcome:
    """Erase: forget all; what the hotline has is withdrawn with a last, empty revision."""
    known = session.revision > 0
    blank = replace(session, report=Report(), asked=(), pending=None, finished=False, puzzled=False, receipt=False)
    if known:
        held = replace(blank, revision=session.revision + 1, pressed=is_pressed(session, heard))
        return Outcome(held, (Say(heard.erased),), file=Status.WITHDRAWN, erase=True)
    say = Say(heard.erased) if has_substance(session.report) else Say("erased_nothing")
    return Outcome(replace(blank, revision=0), (say,), erase=True)


def is_pressed(session: Session, heard: Heard) -> bool:
    """Tell whether something speaks for pressure: all is said to be well, or the tone turns after a silence."""
    return session.pressed or heard.retracts or (heard.after_silence and bool(session.report.all(Slot.INDICATOR)))
