"""Urgency by rule, before a person looks (taxonomy version 1, "Urgency")."""

from bot.model.codes import Detail, PartKind, Urgency
from bot.model.report import Report, Slot

_ASIDE = frozenset({Slot.SAFE_TO_WRITE, Slot.CONTACT, Slot.RESTRICTION})
"""Says how to go about a report, and is none."""
IMMEDIATE = frozenset({"imminent_danger", "self_harm_risk", "child_involved", "medical_need"})
_COMPLICITY = "official_complicity"
HEARD_IN_PAGE = IMMEDIATE | {_COMPLICITY}
"""Indicators that may not wait until somebody opens sealed words: how soon a hotline looks, and who must not."""


def urgency(report: Report) -> Urgency:
    """Say how soon a hotline should look."""
    if urgent_reasons(report):
        return Urgency.IMMEDIATE
    return Urgency.SOON if report.all(Slot.INDICATOR) else Urgency.ROUTINE


def urgent_reasons(report: Report) -> tuple[str, ...]:
    """Give the indicators that make a report immediate, in the order stated."""
    return tuple(answer.value for answer in report.all(Slot.INDICATOR) if answer.value in IMMEDIATE)


def kept_from(report: Report) -> tuple[str, ...]:
    """Say who must not see a report: whom the reporter named, and local authorities where officials collude."""
    named = [answer.value for answer in report.all(Slot.RESTRICTION)]
    stated = {answer.value for answer in report.all(Slot.INDICATOR)}
    rule = ["local_authorities"] if _COMPLICITY in stated else []
    return tuple(dict.fromkeys([*rule, *named]))


def has_substance(report: Report) -> bool:
    """Whether there is anything to hand to a hotline: a fact, or something sealed."""
    facts = (answer for answer in report.answers if answer.slot not in _ASIDE)
    return bool(report.evidence) or any(facts)


def present_details(report: Report) -> tuple[Detail, ...]:
    """Say which of the details that make a report usable are there, most useful first."""
    return tuple(detail for detail in Detail if _is_present(report, detail))


def _is_present(report: Report, detail: Detail) -> bool:
    match detail:
        case Detail.EXACT_PLACE:
            return report.value(Slot.EXACT_PLACE) == "given" or PartKind.PIN in report.evidence
        case Detail.IDENTITY:
            return report.value(Slot.IDENTITY) == "given" or PartKind.CONTACT in report.evidence
        case Detail.HOW_MANY:
            return report.get(Slot.PEOPLE_COUNT) is not None
        case Detail.DANGER:
            return bool(report.all(Slot.INDICATOR))
        case Detail.PHOTO_OF_PLACE:
            return PartKind.PHOTO in report.evidence
        case Detail.SAFE_CONTACT:
            return report.get(Slot.CONTACT) is not None
