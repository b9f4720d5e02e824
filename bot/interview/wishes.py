"""What a reporter may wish at any time: to stop, to erase, another language, words to come back with, to hide."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.interview.asking import finish
from bot.interview.closing import withdraw
from bot.interview.decoy import greeting
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.tongue import offer_languages
from bot.model.reply import Say
from bot.model.session import Session
from bot.model.triage import has_substance


def _stop(session: Session, _: Heard) -> Outcome:
    return Outcome(replace(session, pending=None, stopped=True), (Say("stopped"),), leaves=True)


def _done(session: Session, _: Heard) -> Outcome:
    return finish(session) if not session.finished else Outcome(replace(session, pending=None), (Say("noted"),))


def _language(session: Session, _: Heard) -> Outcome:
    return Outcome(session, (offer_languages(),))


def _receipt(session: Session, _: Heard) -> Outcome:
    """Make words that open this report again; those made before open it no more."""
    if not has_substance(session.report):
        return Outcome(session, (Say("receipt_nothing"),))
    return Outcome(replace(session, receipt=True), (Say("receipt_given"),), receipt=True)


def _hide(session: Session, _: Heard) -> Outcome:
    """Play a harmless assistant from now on; never without words that open the chat again."""
    if not session.receipt:
        return Outcome(session, (Say("hide_needs_receipt"),))
    return Outcome(replace(session, hidden=True), (greeting(),), leaves=True, hides=True)


WISHES: Mapping[str, Callable[[Session, Heard], Outcome]] = {
    "erase": withdraw,
    "stop": _stop,
    "done": _done,
    "language": _language,
    "change_language": _language,
    "receipt": _receipt,
    "hide": _hide,
}
"""By command, intent or choice."""
