"""Going on after an answer: what it calls for, then the next question or the end of the questions."""

from dataclasses import replace

from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.questions import is_answered_by_sealing, next_first, next_then
from bot.interview.script import QUESTIONS, SAFE, Question
from bot.interview.summary import summary
from bot.model.codes import Basis, PartKind, Role
from bot.model.message import Attachment, Sealed, Text
from bot.model.reply import Say
from bot.model.report import Answer, Slot
from bot.model.session import Session
from bot.model.triage import has_substance, urgent_reasons


def after_sealing(before: Session, after: Session, heard: Heard) -> Outcome:
    """Go on after words, a pin or a file were sealed; a voice message answers any question."""
    pending = QUESTIONS[after.pending] if after.pending else None
    if pending and is_answered_by_sealing(pending, heard.message):
        answered = after.report.keep(Answer(pending.slot, "given", Basis.ANSWERED))
        after = replace(after, report=answered)
    elif pending and pending is not SAFE and not _is_voice(heard) and _is_open(pending, before, after):
        return _puzzled(before, after, heard)
    return onward(before, after, cut=heard.cut)


def _is_voice(heard: Heard) -> bool:
    return isinstance(heard.message, Attachment | Sealed) and heard.message.kind is PartKind.VOICE


def _is_open(pending: Question, before: Session, after: Session) -> bool:
    return after.report.all(pending.slot) == before.report.all(pending.slot)


def _puzzled(before: Session, after: Session, heard: Heard) -> Outcome:
    """Offer the choices once more where nothing was understood; the words are kept. Then go on.

    A photo, a pin or what we cannot read leaves the question where it is: ten photos are one album.
    """
    if not isinstance(heard.message, Text):
        return again(after, Say("noted"), said=alarmed(before, after))
    if after.puzzled or heard.states_facts or after.report.answers != before.report.answers:
        return onward(before, after, cut=heard.cut)
    return again(replace(after, puzzled=True), Say("not_understood"))


def onward(before: Session, after: Session, *, cut: bool = False) -> Outcome:
    """Say what the answer calls for, then ask the next question or close."""
    said = (*((Say("too_long"),) if cut else ()), *alarmed(before, after))
    if after.finished:
        return _further(after, (*said, Say("noted" if after.pending else "amended")))
    question = next_first(after)
    following = ask(after, question) if question else finish(after)
    return replace(following, say=said + following.say)


def alarmed(before: Session, after: Session) -> tuple[Say, ...]:
    """Answer danger that was stated just now, once."""
    new = set(urgent_reasons(after.report)) - set(urgent_reasons(before.report))
    if not new:
        return ()
    if "self_harm_risk" in new:
        return (Say("self_harm_ack"),)
    own = after.report.value(Slot.ROLE) == Role.AFFECTED
    return (Say("child_ack" if own and "child_involved" in new else "danger_ack"),)


def ask(session: Session, question: Question) -> Outcome:
    """Ask a question."""
    asked = replace(session, asked=(*session.asked, question.id), pending=question.id, puzzled=False)
    return Outcome(asked, (offering(Say(question.id), question),))


def offering(say: Say, question: Question) -> Say:
    """Offer a question's choices with a sentence."""
    return replace(say, choices=question.choices, question=question.id, numbered=question.is_numbered)


def finish(session: Session) -> Outcome:
    """Say what is passed on; whoever has more time is asked for what helps next."""
    if not has_substance(session.report):
        return Outcome(replace(session, pending=None), (Say("noted"),))
    finished = replace(session, pending=None, finished=True)
    said = (Say("summary_intro"), *summary(session.report), Say("filed"))
    return _further(finished, said, (Say("filed_go_on"),))


def _further(session: Session, said: tuple[Say, ...], before: tuple[Say, ...] = ()) -> Outcome:
    question = next_then(session)
    if question is None:
        return Outcome(replace(session, pending=None), said)
    following = ask(session, question)
    return replace(following, say=said + before + following.say)


def welcome_back(session: Session) -> tuple[Say, ...]:
    """Greet whoever gave the words of a receipt, and put again the question that was open."""
    if not session.pending:
        return (Say("receipt_opened"),)
    question = QUESTIONS[session.pending]
    return (Say("receipt_opened"), offering(Say(question.id), question))


def again(session: Session, say: Say, said: tuple[Say, ...] = ()) -> Outcome:
    """Say something and leave the pending question's choices within reach, without asking it twice."""
    if session.pending and not say.choices:
        say = offering(say, QUESTIONS[session.pending])
    return Outcome(session, (*said, say))
