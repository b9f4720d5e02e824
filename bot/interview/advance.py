"""Take one message from the reporter and say what follows. Pure: no clock, no database, no network."""

from dataclasses import replace

from bot.interview import decoy
from bot.interview.asides import ASIDES, QUESTIONS_TO_US, answer
from bot.interview.asking import after_sealing, again, alarmed, ask, onward
from bot.interview.choosing import answers_pending, is_understood, take
from bot.interview.closing import CONFIRMED, file_if_due, withdraw
from bot.interview.facts import with_dangers, with_facts
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.script import QUESTIONS, SAFE
from bot.interview.tongue import choose_language, follow_language, offer_languages
from bot.interview.wishes import WISHES
from bot.model.codes import DANGER, Basis, PartKind
from bot.model.message import Attachment, Chosen, ContactCard, Left, Pin, Sealed, Start, Text, Unsent, Unsupported
from bot.model.reply import Say
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from bot.model.triage import has_substance


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
    if session.hidden and not isinstance(heard.message, Left | Unsent):
        return decoy.play(session, heard)
    speaking = follow_language(replace(session, stopped=False), heard)
    outcome = _confirmed(speaking, heard) if speaking.confirming else _by_kind(speaking, heard)
    return file_if_due(session, _welcoming(outcome))


def _unsent(session: Session) -> Outcome:
    """Say nothing, for a guard may be near; advisors see that a message was taken back, which stays with them."""
    if not has_substance(session.report):
        return Outcome(session)
    return Outcome(replace(session, report=session.report.holding([PartKind.WORDS])))


def _confirmed(session: Session, heard: Heard) -> Outcome:
    """Erase on a yes; a no, or anything else, goes on with the interview."""
    after = replace(session, confirming=False)
    said = heard.message.choice if isinstance(heard.message, Chosen) else next(iter(heard.choices), heard.command)
    said = said or _SHORT_ANSWERS.get(heard.intent or "")
    if said in ("yes", "erase"):
        return withdraw(after, heard)
    return again(after, Say("noted")) if said == "no" else _by_kind(after, heard)


def _by_kind(session: Session, heard: Heard) -> Outcome:
    match heard.message:
        case Left():
            return Outcome(replace(session, pending=None, stopped=True), leaves=True)
        case Start():
            return _greet(session)
        case Unsupported():
            return again(session, Say("unsupported"))
        case Chosen(choice, question):
            return _chosen(session, heard, (choice,), question)
        case Text():
            return _text(session, heard)
        case Unsent():
            return _unsent(session)
        case Pin() | Attachment() | Sealed() | ContactCard() as thing:
            return _thing(session, heard, thing)


def _thing(session: Session, heard: Heard, thing: Pin | Attachment | Sealed | ContactCard) -> Outcome:
    match thing:
        case Pin():
            return _pin(session, heard)
        case Attachment():
            return _attachment(session, heard, thing)
        case Sealed():
            return _sealed(session, heard, thing)
        case ContactCard():
            return _kept(session, session.report, heard, "contact_kept", PartKind.CONTACT)


def _text(session: Session, heard: Heard) -> Outcome:
    if heard.blank:
        return again(session, Say("empty"))
    if heard.command and heard.command in WISHES and not _names_a_language(heard):
        return WISHES[heard.command](session, heard)
    if isinstance(heard.message, Text) and heard.message.edited:
        return _edited(session, heard)
    if heard.choices and not _is_sealing(session, heard) and not _names_own_country(session, heard):
        return _chosen(session, heard, heard.choices, session.pending)
    if heard.command and _answers(session, heard.command):
        return _chosen(session, heard, (heard.command,), session.pending)
    if heard.command and not heard.states_facts:
        return _greet(session) if heard.command == "hello" else again(session, Say("noted"))
    return _by_intent(session, heard)


def _edited(session: Session, heard: Heard) -> Outcome:
    """Take what an edit states and seal it, without a word: apps edit messages also by themselves."""
    report = with_facts(session, heard).holding([PartKind.WORDS])
    return Outcome(replace(session, report=report))


def _names_a_language(heard: Heard) -> bool:
    """Whether a language was named, which says more than the wish for another one."""
    return bool(heard.choices) and heard.choices[0].startswith("language:")


def _names_own_country(session: Session, heard: Heard) -> bool:
    """Many a word is the name of a language and of a nation: where the nation was asked for, it is that."""
    asked = session.pending is not None and QUESTIONS[session.pending].slot is Slot.NATIONALITY
    return asked and bool(heard.understanding.nationalities) and _names_a_language(heard)


def _is_sealing(session: Session, heard: Heard) -> bool:
    """Whether any words are the answer that was asked for; the sign of danger is never one."""
    return _is_reading_words(session) and heard.choices != (DANGER,)


def _is_reading_words(session: Session) -> bool:
    return session.pending is not None and QUESTIONS[session.pending].in_words


def _answers(session: Session, command: str) -> bool:
    return session.pending is not None and is_understood(command, session, session.pending)


def _by_intent(session: Session, heard: Heard) -> Outcome:
    intent = heard.intent or ""
    if heard.retracts and session.revision > 0 and not heard.understanding.indicators:
        return _ask_to_erase(replace(_hold_if_report(session, heard), pressed=True))
    if heard.states_facts or (_is_reading_words(session) and intent not in WISHES):
        return _told(session, heard, QUESTIONS_TO_US.get(intent))
    if intent in WISHES:
        return _wish(session, heard, intent)
    if intent in _SHORT_ANSWERS:
        return _agreed(session, heard, intent)
    if intent == "greet":
        return _greet(_hold_if_report(session, heard))
    if intent in ASIDES:
        return _aside(session, heard, ASIDES[intent])
    return _told(session, heard)


_SHORT_ANSWERS = {"affirm": "yes", "deny": "no", "dont_know": "skip"}


def _wish(session: Session, heard: Heard, intent: str) -> Outcome:
    """Stop at once on any words that say so; ask before erasing on words that are not the one word for it."""
    held = _hold_if_report(session, heard)
    return _ask_to_erase(held) if intent == "erase" else WISHES[intent](held, heard)


def _ask_to_erase(session: Session) -> Outcome:
    return Outcome(replace(session, confirming=True), (Say("ask_erase", choices=CONFIRMED),))


def _hold_if_report(session: Session, heard: Heard) -> Session:
    """Seal side remarks only where there is a report that they may belong to."""
    report = with_facts(session, heard)
    if not has_substance(report):
        return session
    return replace(session, report=report.holding([PartKind.WORDS]))


def _agreed(session: Session, heard: Heard, intent: str) -> Outcome:
    """Take a yes, a no or a don't know in more words than one, and seal the words: they may say more."""
    choice = _SHORT_ANSWERS[intent]
    if not _answers(session, choice):
        return _told(session, heard)
    return _chosen(_hold_if_report(session, heard), heard, (choice,), session.pending)


def _aside(session: Session, heard: Heard, key: str) -> Outcome:
    """Answer a question of the reporter's, keep what else it said, and leave ours standing."""
    *said, last = answer(session, key)
    return again(_hold_if_report(session, heard), last, tuple(said))


def _greet(session: Session) -> Outcome:
    if not session.language_chosen and session.language == "und":
        return Outcome(session, (offer_languages(),))
    if SAFE.id in session.asked or session.report.answers:
        return again(session, Say("noted"))
    return ask(session, SAFE)


def _chosen(session: Session, heard: Heard, choices: tuple[str, ...], question: str | None) -> Outcome:
    first = choices[0]
    if first in WISHES:
        return WISHES[first](session, heard)
    if first.startswith("language:"):
        return _language_chosen(session, first)
    if not all(is_understood(choice, session, question) for choice in choices):
        return again(session, Say("choice_gone"))
    after = replace(session, report=take(session.report, choices, session.pending))
    if session.pending == SAFE.id and "no" in choices:
        return Outcome(replace(after, pending=None, stopped=True), (Say("unsafe_now"),))
    if session.pending and not answers_pending(choices, session.pending):
        return again(after, Say("noted"), said=alarmed(session, after))
    return onward(session, after)


def _language_chosen(session: Session, choice: str) -> Outcome:
    chosen = choose_language(session, choice.partition(":")[2])
    if chosen is None:
        return again(session, Say("choice_gone"))
    outcome = again(chosen, Say("language_changed", {"language": chosen.language}))
    if chosen.asked or chosen.report.answers:
        return outcome
    following = ask(chosen, SAFE)
    return replace(following, say=outcome.say + following.say)


def _told(session: Session, heard: Heard, asked: str | None = None) -> Outcome:
    """Take what the words state, and seal them; answer first what they ask of us besides, if it is no mere answer."""
    report = with_facts(session, heard).holding([PartKind.WORDS])
    outcome = after_sealing(session, replace(session, report=report), heard)
    if asked is None or (session.pending and not _is_reading_words(session)):
        return outcome
    return replace(outcome, say=(*answer(session, asked), *outcome.say))


def _pin(session: Session, heard: Heard) -> Outcome:
    if heard.pinned is None:
        return again(session, Say("location_bad"))
    country, province = heard.pinned
    report = session.report
    for slot, value in ((Slot.COUNTRY, country), (Slot.PROVINCE, province)):
        report = report.keep(Answer(slot, value, Basis.PIN)) if value else report
    return _kept(session, report, heard, "location_kept", PartKind.PIN)


def _attachment(session: Session, heard: Heard, attachment: Attachment) -> Outcome:
    report = with_facts(session, heard)
    if heard.lost:
        held = report.holding([PartKind.WORDS]) if attachment.caption else report
        return again(replace(session, report=held), Say(heard.lost))
    return _kept(session, report, heard, "attachment_kept", attachment.kind)


def _sealed(session: Session, heard: Heard, sealed: Sealed) -> Outcome:
    """Take what the reporter's page sealed. Of its words we know the dangers alone, and of its pin no province."""
    report = with_dangers(session.report, sealed.dangers)
    if sealed.kind is PartKind.WORDS:
        return after_sealing(session, replace(session, report=report.holding([sealed.kind])), heard)
    key = "location_kept" if sealed.kind is PartKind.PIN else "attachment_kept"
    return _kept(session, report, heard, key, sealed.kind)


def _kept(session: Session, report: Report, heard: Heard, key: str, kind: PartKind) -> Outcome:
    if kind is PartKind.PHOTO:
        report = report.keep(Answer(Slot.PHOTO, "given", Basis.ANSWERED))
    after = replace(session, report=report.holding([kind]))
    outcome = after_sealing(session, after, heard)
    return replace(outcome, say=(Say(key), *outcome.say))


def _welcoming(outcome: Outcome) -> Outcome:
    """Put the first screen before the first thing ever said."""
    session = outcome.session
    if session.greeted or outcome.erase or not outcome.say or outcome.say[0].key == "ask_language":
        return outcome
    return replace(outcome, session=replace(session, greeted=True), say=(Say("welcome"), *outcome.say))
