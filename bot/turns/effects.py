"""From the outcome of an interview to what one transaction writes. Pure but for sealing's randomness."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import SystemRandom
from typing import Any

from bot.channels.channel import Channel
from bot.i18n import receipts
from bot.i18n.catalogue import catalogue_of
from bot.i18n.fold import fold
from bot.interview.outcome import Outcome
from bot.interview.summary import summary
from bot.metrics import FILED
from bot.model.codes import PartKind, Status
from bot.model.message import Sealed, Update
from bot.model.part import SealedPart
from bot.model.reply import Say
from bot.model.session import Session
from bot.model.triage import has_substance
from bot.privacy.open_part import open_part
from bot.privacy.seal import Sealer, sealed_elsewhere
from bot.turns.contents import content
from bot.turns.hearing import Hearing
from bot.turns.leaving import lane, leaves_at
from bot.turns.rendering import sealed_private
from bot.turns.times import Times
from storage.inbox import InboxRow
from storage.letters import Letter
from storage.outbox import NewDelivery
from storage.replies import NewReply
from storage.sessions import Deadlines, Held
from storage.turn import Effects
from storage.vault import Vault

LETTER = "letter"
"""The place that an advisor's words are encrypted for."""
ANSWERS = "answers"
"""The place that what a channel answers one message with is encrypted for."""
SUMMARY_LANGUAGES = ("en", "km")
"""Advisors read Khmer or English."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The update that a turn works off, where it came from, and the letters that its reply gives."""

    row: InboxRow
    update: Update
    channel: Channel
    hearing: Hearing
    letters: Sequence[Letter] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """What seals for the hotline, and what encrypts for ourselves."""

    sealer: Sealer
    vault: Vault


def effects(cause: Cause, held: Held, outcome: Outcome, keys: Keys, times: Times) -> Effects:
    """Give everything that this turn writes."""
    quiet = of_deadline(held, outcome, times)
    receipt = receipts.made(outcome.session.language, secrets.choice) if outcome.receipt else None
    private = {**({"words": receipt} if receipt else {}), **letters_of(cause.letters, keys.vault)}
    return replace(
        quiet,
        row_id=cause.row.id,
        deadlines=deadlines(outcome.session, times),
        parts=_sealed(cause, held.session, outcome.session, keys.sealer, times.now),
        reply=reply_to(cause, held, outcome, sealed_private(keys.vault, private), _answers(cause, keys.vault)),
        message_ids=_deletable(cause, held),
        receipt_key=keys.vault.receipt_key(fold(receipt)) if receipt else None,
        letters=tuple(letter.id for letter in cause.letters),
    )


def letters_of(waiting: Sequence[Letter], vault: Vault) -> dict[str, str]:
    """Give what advisors wrote, by the message that it stands below."""
    words = [vault.decrypt(letter.words_encrypted, LETTER).decode() for letter in waiting]
    return {"advisor_says": "\n\n".join(words)} if words else {}


def of_deadline(held: Held, outcome: Outcome, times: Times) -> Effects:
    """Give what a turn writes that no message caused: it says nothing."""
    return Effects(
        row_id=None,
        held=replace(held, session=outcome.session),
        deadlines=Deadlines(None, held.purge_at or times.now + times.rules.retention),
        revision=_revision(outcome, times),
        erase=outcome.erase,
        hushes=outcome.leaves,
    )


def deadlines(session: Session, times: Times) -> Deadlines:
    """Give when quiet is over and when all goes, after a message."""
    unfiled = session.revision == 0 and has_substance(session.report)
    rules = times.rules
    return Deadlines(times.now + rules.silence if unfiled else None, times.now + rules.retention)


def _sealed(cause: Cause, before: Session, after: Session, sealer: Sealer, now: datetime) -> tuple[SealedPart, ...]:
    """Seal what the interview holds newly; a report that was erased holds less than before."""
    new = after.report.evidence[len(before.report.evidence) :]
    return tuple(_seal(kind, cause, after, sealer, now) for kind in new)


def _seal(kind: PartKind, cause: Cause, session: Session, sealer: Sealer, now: datetime) -> SealedPart:
    message = cause.update.message
    if isinstance(message, Sealed):
        return sealed_elsewhere(kind, message.content)
    held: dict[str, Any] = content(kind, cause.hearing, cause.channel.name, now)
    return sealer.seal(session.ticket_id, kind, held)


def _revision(outcome: Outcome, times: Times) -> NewDelivery | None:
    if outcome.file is None:
        return None
    FILED.labels(outcome.file.value).inc()
    session = outcome.session
    part = open_part(session, outcome.file, times.now, summaries(session))
    return NewDelivery(
        f"{session.ticket_id}-{session.revision}",
        _type(outcome.file, session),
        leaves_at(session, times.now, times.rules.delay, SystemRandom().random),
        part,
        lane=lane(session),
        synthetic=session.synthetic,
    )


def _type(status: Status, session: Session) -> str:
    if status is Status.WITHDRAWN:
        return "ticket.withdrawn"
    return "ticket.filed" if session.revision == 1 else "ticket.amended"


def summaries(session: Session) -> dict[str, str]:
    """Put the codes into sentences, in the languages that advisors read."""
    says = (*summary(session.report), *((Say("summary_waits"),) if session.waits else ()))
    return {code: "\n".join(catalogue_of(code).text(say) for say in says) for code in SUMMARY_LANGUAGES}


def reply_to(
    cause: Cause, held: Held, outcome: Outcome, private: bytes | None = None, answers: bytes | None = None
) -> NewReply | None:
    """Give the reply, or None where there is nothing to say and nobody waits to be told so."""
    if not outcome.say and cause.channel.capabilities.pushes:
        return None
    return replace(
        reply_for(cause.row, replace(held, session=outcome.session), cause.channel, outcome.say),
        caused_at=cause.update.sent_at or cause.row.received_at,
        erases=outcome.erase or outcome.hides,
        private_encrypted=private,
        answers_encrypted=answers,
    )


def _answers(cause: Cause, vault: Vault) -> bytes | None:
    answers = cause.update.address.answers
    return vault.encrypt(answers.reveal().encode(), ANSWERS) if answers else None


def reply_for(row: InboxRow, held: Held, channel: Channel, says: tuple[Say, ...]) -> NewReply:
    """Give a reply to one update."""
    return NewReply(
        channel.name,
        row.dedupe,
        held.address_key,
        held.address_encrypted,
        held.session.language,
        says,
        caused_at=row.received_at,
        state="waiting" if channel.capabilities.pushes and not held.session.synthetic else "held",
    )


def _deletable(cause: Cause, held: Held) -> tuple[str, ...]:
    message_id = cause.update.message_id
    can_go = cause.channel.capabilities.erases and not held.session.synthetic
    return (message_id,) if message_id and can_go else ()
