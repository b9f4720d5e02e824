"""From the outcome of an interview to what one transaction writes. Pure but for sealing's randomness."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.channels.channel import Channel
from bot.i18n.catalogue import catalogue_of
from bot.interview.outcome import Outcome
from bot.interview.summary import summary
from bot.metrics import FILED
from bot.model.codes import PartKind, Status
from bot.model.message import Update
from bot.model.part import SealedPart
from bot.model.report import Report
from bot.model.session import Session
from bot.model.triage import has_substance
from bot.privacy.open_part import open_part
from bot.privacy.rules import RETENTION
from bot.privacy.seal import Sealer
from bot.turns.contents import content
from bot.turns.hearing import Hearing
from storage.inbox import InboxRow
from storage.outbox import NewDelivery
from storage.replies import NewReply
from storage.sessions import Deadlines, Held
from storage.turn import Effects

SUMMARY_LANGUAGES = ("en", "km")
"""Advisors read Khmer or English."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The update that a turn works off, and where it came from."""

    row: InboxRow
    update: Update
    channel: Channel
    hearing: Hearing


def effects(cause: Cause, held: Held, outcome: Outcome, sealer: Sealer, times: "Times") -> Effects:
    """Give everything that this turn writes."""
    quiet = of_deadline(held, outcome, times)
    return replace(
        quiet,
        row_id=cause.row.id,
        parts=_sealed(cause, held.session, outcome.session, sealer, times.now),
        reply=reply_to(cause, held, outcome),
        message_ids=_deletable(cause),
    )


def of_deadline(held: Held, outcome: Outcome, times: "Times") -> Effects:
    """Give what a turn writes that no message caused: it says nothing."""
    return Effects(
        row_id=None,
        held=replace(held, session=outcome.session),
        deadlines=_deadlines(outcome.session, times),
        revision=_revision(outcome, times.now),
        erase=outcome.erase,
        hushes=outcome.leaves,
    )


@dataclass(frozen=True, slots=True)
class Times:
    """When this turn happens (aware), and how long quiet lasts before an unfinished report is filed."""

    now: datetime
    silence: timedelta


def _deadlines(session: Session, times: Times) -> Deadlines:
    unfiled = session.revision == 0 and has_substance(session.report)
    return Deadlines(times.now + times.silence if unfiled else None, times.now + RETENTION)


def _sealed(cause: Cause, before: Session, after: Session, sealer: Sealer, now: datetime) -> tuple[SealedPart, ...]:
    """Seal what the interview holds newly; a report that was erased holds less than before."""
    new = after.report.evidence[len(before.report.evidence) :]
    return tuple(_seal(kind, cause, after, sealer, now) for kind in new)


def _seal(kind: PartKind, cause: Cause, session: Session, sealer: Sealer, now: datetime) -> SealedPart:
    held: dict[str, Any] = content(kind, cause.hearing, cause.channel.name, now)
    return sealer.seal(session.ticket_id, kind, held)


def _revision(outcome: Outcome, now: datetime) -> NewDelivery | None:
    if outcome.file is None:
        return None
    FILED.labels(outcome.file.value).inc()
    session = outcome.session
    part = open_part(session, outcome.file, now, summaries(session.report))
    return NewDelivery(f"{session.ticket_id}-{session.revision}", _type(outcome.file, session), part)


def _type(status: Status, session: Session) -> str:
    if status is Status.WITHDRAWN:
        return "ticket.withdrawn"
    return "ticket.filed" if session.revision == 1 else "ticket.amended"


def summaries(report: Report) -> dict[str, str]:
    """Put the codes into sentences, in the languages that advisors read."""
    return {code: "\n".join(catalogue_of(code).text(say) for say in summary(report)) for code in SUMMARY_LANGUAGES}


def reply_to(cause: Cause, held: Held, outcome: Outcome) -> NewReply | None:
    """Give the reply, or None where there is nothing to say and nobody waits to be told so."""
    channel = cause.channel
    if not outcome.say and channel.capabilities.pushes:
        return None
    return NewReply(
        channel.name,
        cause.row.dedupe,
        held.address_key,
        held.address_encrypted,
        outcome.session.language,
        outcome.say,
        caused_at=cause.update.sent_at or cause.row.received_at,
        erases=outcome.erase,
        state="waiting" if channel.capabilities.pushes else "held",
    )


def _deletable(cause: Cause) -> tuple[str, ...]:
    message_id = cause.update.message_id
    return (message_id,) if message_id and cause.channel.capabilities.erases else ()
