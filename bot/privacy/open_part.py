"""The open part of a ticket, rebuilt from codes: no word, digit or coordinate of a reporter can reach it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from bot.model.codes import Detail, Status, Window
from bot.model.delivery import OpenPart
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from bot.model.triage import kept_from, present_details, urgency, urgent_reasons

TALLY_LIMIT = 3
"""The ticket says how many files there are only up to here."""


def open_part(session: Session, status: Status, filed_at: datetime, summary: Mapping[str, str]) -> OpenPart:
    """Make the open part of one revision (spec: `ticket-v1.schema.json`), all but `sealed`.

    Args:
        session: Its report, and the revision to file.
        status: How far the report is.
        filed_at: Aware; cut to the hour in UTC.
        summary: Sentences made from the codes, by language.
    """
    report = session.report
    ticket: OpenPart = {
        "schema_version": "1",
        "ticket_id": str(session.ticket_id),
        "revision": session.revision,
        "status": status.value,
        "filed_hour": filed_at.strftime("%Y-%m-%dT%H:00Z"),
        "channel": session.channel,
        "language": session.language,
        "reporter_role": report.value(Slot.ROLE) or "unknown",
        "urgency": urgency(report).value,
        "urgency_reasons": list(urgent_reasons(report)),
        "location": _location(report),
        "people": _people(report),
        "indicators": [{"code": answer.value, "basis": _basis(answer)} for answer in report.all(Slot.INDICATOR)],
        "actionability": _actionability(report),
        "restrictions": _restrictions(report),
        "contact": _contact(report),
        "evidence": _evidence(report),
        "summary": dict(summary),
    }
    return ticket | (_withdrawal(session) if status is Status.WITHDRAWN else {})


def _withdrawal(session: Session) -> OpenPart:
    return {"withdrawal": "possibly_under_pressure" if session.pressed else "by_reporter"}


def _location(report: Report) -> dict[str, str | bool | None]:
    province = report.get(Slot.PROVINCE)
    if province:
        found: dict[str, str | bool | None] = {
            "country": "KH",
            "province": province.value,
            "precision": "province",
            "basis": province.basis.value,
        }
    else:
        found = _country(report)
    return found | ({"moved": True} if report.moved else {})


def _country(report: Report) -> dict[str, str | bool | None]:
    country = report.get(Slot.COUNTRY)
    return {
        "country": country.value if country else None,
        "province": None,
        "precision": "country" if country else "unknown",
        "basis": country.basis.value if country else "unknown",
    }


def _people(report: Report) -> dict[str, object]:
    return {
        "count_band": report.value(Slot.PEOPLE_COUNT) or "unknown",
        "nationalities": [answer.value for answer in report.all(Slot.NATIONALITY)],
        "minor": report.value(Slot.MINOR) or "unknown",
    }


def _basis(answer: Answer) -> str:
    return answer.basis.value


def _actionability(report: Report) -> dict[str, list[str]]:
    present = present_details(report)
    missing = [detail.value for detail in Detail if detail not in present]
    return {"present": [detail.value for detail in present], "missing": missing}


def _restrictions(report: Report) -> list[str]:
    return [f"not_{who}" for who in kept_from(report)]


def _contact(report: Report) -> dict[str, object]:
    """Say when an advisor's message reaches the reporter: with their next one, unless they chose."""
    window = report.value(Slot.CONTACT) or Window.WHEN_THEY_WRITE.value
    return {"may_reply": window != Window.NEVER, "window": window}


def _evidence(report: Report) -> dict[str, int]:
    counted = Counter(kind.value for kind in report.evidence if kind.value != "contact")
    return {kind: min(count, TALLY_LIMIT) for kind, count in counted.items()}
