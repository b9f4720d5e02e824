"""When a report is filed, and how it is withdrawn."""

from dataclasses import replace

from bot.interview.outcome import Outcome
from bot.model.codes import Status
from bot.model.reply import Say
from bot.model.report import Report
from bot.model.session import Session
from bot.model.triage import has_substance, urgent_reasons


def file_if_due(before: Session, outcome: Outcome) -> Outcome:
    """File a revision where one is due: the questions are over, danger is stated, or what was filed has changed."""
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


def withdraw(session: Session) -> Outcome:
    """Erase: forget all; what the hotline has is withdrawn with a last, empty revision."""
    known = session.revision > 0
    blank = replace(session, report=Report(), asked=(), pending=None, finished=False, puzzled=False)
    if known:
        held = replace(blank, revision=session.revision + 1)
        return Outcome(held, (Say("erased"),), file=Status.WITHDRAWN, erase=True)
    key = "erased" if has_substance(session.report) else "erased_nothing"
    return Outcome(replace(blank, revision=0), (Say(key),), erase=True)
