"""Take one message from the reporter and say what follows. Pure: no clock, no database, no network."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.interview.choosing import answers_pending, is_understood, take
from bot.interview.closing import file_if_due, withdraw
from bot.interview.facts import with_facts
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.questions import is_answered_by_sealing, next_question
from bot.interview.script import QUESTIONS, SAFE, Question
from bot.interview.summary import summary
from bot.interview.tongue import LANGUAGES_OFFERED, choose_language, follow_language
from bot.model.codes import Basis, PartKind
from bot.model.message import Attachment, Chosen, ContactCard, Left, Pin, Start, Text, Unsupported
from bot.model.reply import Say
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from bot.model.triage import has_substance, urgent_reasons


def advance(session: Session, heard: Heard) -> Outcome:
    """Take one message from the reporter and say what follows.

    Every question can be skipped: a report with gaps still helps, and a person under pressure must
    not be held at a question. Every word is sealed for the hotline unless it plainly is no report.

    Args:
        session: The interview as the last turn left it.
        heard: What the reporter sent, and what understanding made of it.

    Returns:
        The new session and what to do. What is said holds keys and codes, nothing of the message.
    """
    speaking = follow_language(session, heard)
    outcome = _confirmed(speaking, heard) if speaking.confirming else _by_kind(speaking, heard)
    return file_if_due(session, _welcoming(outcome))


def _confirmed(session: Session, heard: Heard) -> Outcome:
    """Erase on a yes; a no, or anything else, goes on with the interview."""
    after = replace(session, confirming=False)
    said = heard.message.choice if isinstance(heard.message, Chosen) else heard.command
    said = said or _SHORT_ANSWERS.get(heard.intent or "")
    if said in ("yes", "erase"):
        return withdraw(after)
    return _again(after, Say("noted")) if said == "no" else _by_kind(after, heard)


def _by_kind(session: Session, heard: Heard) -> Outcome:
    match heard.message:
        case Left():
            return Outcome(replace(session, pending=None), leaves=True)
        case Start():
            return _greet(session)
        case Unsupported():
            return _again(session, Say("unsupported"))
        case Chosen(choice, question):
            return _chosen(session, (choice,), question)
        case Pin():
            return _pin(session, heard)
        case Attachment() as attachment:
            return _attachment(session, heard, attachment)
        case ContactCard():
            return _kept(session, session.report, heard, "contact_kept", PartKind.CONTACT)
        case Text():
            return _text(session, heard)


def _text(session: Session, heard: Heard) -> Outcome:
    if heard.blank:
        return _again(session, Say("empty"))
    if heard.command and heard.command in _WISHES:
        return _WISHES[heard.command](session)
    if isinstance(heard.message, Text) and heard.message.edited:
        return _edited(session, heard)
    if heard.choices and not _is_reading_words(session) and not _names_own_country(session, heard):
        return _chosen(session, heard.choices, session.pending)
    if heard.command and _answers(session, heard.command):
        return _chosen(session, (heard.command,), session.pending)
    if heard.command and not heard.states_facts:
        return _greet(session) if heard.command == "hello" else _again(session, Say("noted"))
    return _by_intent(session, heard)


def _edited(session: Session, heard: Heard) -> Outcome:
    """Take what an edit states and seal it, without a word: apps edit messages also by themselves."""
    report = with_facts(session.report, heard, filed=session.revision > 0).holding([PartKind.WORDS])
    return Outcome(replace(session, report=report))


def _names_own_country(session: Session, heard: Heard) -> bool:
    """Many a word is the name of a language and of a nation: where the nation was asked for, it is that."""
    asked = session.pending is not None and QUESTIONS[session.pending].slot is Slot.NATIONALITY
    return asked and bool(heard.understanding.nationalities) and heard.choices[0].startswith("language:")


def _is_reading_words(session: Session) -> bool:
    return session.pending is not None and QUESTIONS[session.pending].in_words


def _answers(session: Session, command: str) -> bool:
    return session.pending is not None and is_understood(command, session, session.pending)


def _by_intent(session: Session, heard: Heard) -> Outcome:
    intent = heard.intent or ""
    if heard.states_facts or (_is_reading_words(session) and intent not in _WISHES):
        return _told(session, heard, _QUESTIONS_TO_US.get(intent))
    if intent in _WISHES:
        return _wish(session, heard, intent)
    if intent in _SHORT_ANSWERS:
        return _agreed(session, heard, intent)
    if intent == "greet":
        return _greet(_hold_if_report(session, heard))
    if intent in _ASIDES:
        return _aside(session, heard, _ASIDES[intent])
    return _told(session, heard)


_QUESTIONS_TO_US: Mapping[str, str] = {
    "ask_service": "service",
    "ask_status": "status",
    "ask_human": "human",
    "ask_advice": "advice",
}
_ASIDES: Mapping[str, str] = {**_QUESTIONS_TO_US, "thank": "thanks", "out_of_scope": "out_of_scope"}
_SHORT_ANSWERS = {"affirm": "yes", "deny": "no", "dont_know": "skip"}


def _wish(session: Session, heard: Heard, intent: str) -> Outcome:
    """Stop at once on any words that say so; ask before erasing on words that are not the one word for it."""
    held = _hold_if_report(session, heard)
    if intent == "erase":
        return Outcome(replace(held, confirming=True), (Say("ask_erase", choices=("erase", "no")),))
    return _WISHES[intent](held)


def _hold_if_report(session: Session, heard: Heard) -> Session:
    """Seal side remarks only where there is a report that they may belong to."""
    report = with_facts(session.report, heard, filed=session.revision > 0)
    if not has_substance(report):
        return session
    return replace(session, report=report.holding([PartKind.WORDS]))


def _agreed(session: Session, heard: Heard, intent: str) -> Outcome:
    """Take a yes, a no or a don't know in more words than one, and seal the words: they may say more."""
    choice = _SHORT_ANSWERS[intent]
    if not _answers(session, choice):
        return _told(session, heard)
    return _chosen(_hold_if_report(session, heard), (choice,), session.pending)


def _aside(session: Session, heard: Heard, key: str) -> Outcome:
    """Answer a question of the reporter's, keep what else it said, and leave ours standing."""
    return _again(_hold_if_report(session, heard), Say(key))


def _greet(session: Session) -> Outcome:
    if not session.language_chosen and session.language == "und":
        return Outcome(session, (Say("ask_language", choices=LANGUAGES_OFFERED),))
    if SAFE.id in session.asked or session.report.answers:
        return _again(session, Say("noted"))
    return _ask(session, SAFE)


def _chosen(session: Session, choices: tuple[str, ...], question: str | None) -> Outcome:
    first = choices[0]
    if first in _WISHES:
        return _WISHES[first](session)
    if first.startswith("language:"):
        return _language_chosen(session, first)
    if not all(is_understood(choice, session, question) for choice in choices):
        return _again(session, Say("choice_gone"))
    after = replace(session, report=take(session.report, choices, session.pending))
    if session.pending == SAFE.id and "no" in choices:
        return Outcome(replace(after, pending=None), (Say("unsafe_now"),))
    if session.pending and not answers_pending(choices, session.pending):
        return _again(after, Say("noted"), said=_alarmed(session, after))
    return _onward(session, after)


def _language_chosen(session: Session, choice: str) -> Outcome:
    chosen = choose_language(session, choice.partition(":")[2])
    if chosen is None:
        return _again(session, Say("choice_gone"))
    outcome = _again(chosen, Say("language_changed", {"language": chosen.language}))
    if chosen.asked or chosen.report.answers:
        return outcome
    following = _ask(chosen, SAFE)
    return replace(following, say=outcome.say + following.say)


def _told(session: Session, heard: Heard, asked: str | None = None) -> Outcome:
    """Take what the words state, and seal them; answer first what they ask of us besides, if it is no mere answer."""
    report = with_facts(session.report, heard, filed=session.revision > 0).holding([PartKind.WORDS])
    outcome = _after_sealing(session, replace(session, report=report), heard)
    if asked is None or (session.pending and not _is_reading_words(session)):
        return outcome
    return replace(outcome, say=(Say(asked), *outcome.say))


def _pin(session: Session, heard: Heard) -> Outcome:
    if heard.pinned is None:
        return _again(session, Say("location_bad"))
    country, province = heard.pinned
    report = session.report
    for slot, value in ((Slot.COUNTRY, country), (Slot.PROVINCE, province)):
        report = report.keep(Answer(slot, value, Basis.PIN)) if value else report
    return _kept(session, report, heard, "location_kept", PartKind.PIN)


def _attachment(session: Session, heard: Heard, attachment: Attachment) -> Outcome:
    report = with_facts(session.report, heard, filed=session.revision > 0)
    if heard.lost:
        held = report.holding([PartKind.WORDS]) if attachment.caption else report
        return _again(replace(session, report=held), Say(heard.lost))
    return _kept(session, report, heard, "attachment_kept", attachment.kind)


def _kept(session: Session, report: Report, heard: Heard, key: str, kind: PartKind) -> Outcome:
    after = replace(session, report=report.holding([kind]))
    outcome = _after_sealing(session, after, heard)
    return replace(outcome, say=(Say(key), *outcome.say))


def _after_sealing(before: Session, after: Session, heard: Heard) -> Outcome:
    pending = QUESTIONS[after.pending] if after.pending else None
    if pending and is_answered_by_sealing(pending, heard.message):
        answered = after.report.keep(Answer(pending.slot, "given", Basis.ANSWERED))
        after = replace(after, report=answered)
    elif pending and pending is not SAFE and after.report.all(pending.slot) == before.report.all(pending.slot):
        return _puzzled(before, after, heard)
    return _onward(before, after, cut=heard.cut)


def _puzzled(before: Session, after: Session, heard: Heard) -> Outcome:
    """Offer the choices once more where nothing was understood; the words are kept. Then go on.

    A photo or a pin that answers nothing leaves the question where it is: ten of them are one album.
    """
    if not isinstance(heard.message, Text):
        return _again(after, Say("noted"), said=_alarmed(before, after))
    if after.puzzled or heard.states_facts or after.report.answers != before.report.answers:
        return _onward(before, after, cut=heard.cut)
    return _again(replace(after, puzzled=True), Say("not_understood"))


def _onward(before: Session, after: Session, *, cut: bool = False) -> Outcome:
    """Say what the answer calls for, then ask the next question or close."""
    said = (*((Say("too_long"),) if cut else ()), *_alarmed(before, after))
    if after.finished:
        return Outcome(replace(after, pending=None), (*said, Say("amended")))
    question = next_question(after)
    following = _ask(after, question) if question else _finish(after)
    return replace(following, say=said + following.say)


def _alarmed(before: Session, after: Session) -> tuple[Say, ...]:
    """Answer danger that was stated just now, once."""
    new = set(urgent_reasons(after.report)) - set(urgent_reasons(before.report))
    return (Say("danger_ack"),) if new else ()


def _ask(session: Session, question: Question) -> Outcome:
    asked = replace(session, asked=(*session.asked, question.id), pending=question.id, puzzled=False)
    return Outcome(asked, (Say(question.id, choices=question.choices, question=question.id),))


def _finish(session: Session) -> Outcome:
    if not has_substance(session.report):
        return Outcome(replace(session, pending=None), (Say("noted"),))
    lines = (Say("summary_intro"), *summary(session.report), Say("filed"))
    return Outcome(replace(session, pending=None, finished=True), lines)


def _again(session: Session, say: Say, said: tuple[Say, ...] = ()) -> Outcome:
    """Say something and leave the pending question's choices within reach, without asking it twice."""
    if session.pending and not say.choices:
        question = QUESTIONS[session.pending]
        say = replace(say, choices=question.choices, question=question.id)
    return Outcome(session, (*said, say))


def _stop(session: Session) -> Outcome:
    return Outcome(replace(session, pending=None), (Say("stopped"),), leaves=True)


def _done(session: Session) -> Outcome:
    return _finish(session) if not session.finished else Outcome(session, (Say("noted"),))


def _ask_language(session: Session) -> Outcome:
    return Outcome(session, (Say("ask_language", choices=LANGUAGES_OFFERED),))


_WISHES: Mapping[str, Callable[[Session], Outcome]] = {
    "erase": withdraw,
    "stop": _stop,
    "done": _done,
    "language": _ask_language,
    "change_language": _ask_language,
}


def _welcoming(outcome: Outcome) -> Outcome:
    """Put the first screen before the first thing ever said."""
    session = outcome.session
    if session.greeted or outcome.erase or not outcome.say or outcome.say[0].key == "ask_language":
        return outcome
    return replace(outcome, session=replace(session, greeted=True), say=(Say("welcome"), *outcome.say))
