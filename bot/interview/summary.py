"""The codes of a report as sentences: what the reporter may correct, and what the hotline reads first."""

from collections.abc import Iterator

from bot.model.reply import Say
from bot.model.report import Report, Slot
from bot.model.triage import kept_from


def summary(report: Report) -> tuple[Say, ...]:
    """Say what a report holds, from its codes alone; never a word of the reporter."""
    return tuple(_lines(report))


def _lines(report: Report) -> Iterator[Say]:
    for slot, key, name in _ONE:
        if value := report.value(slot):
            yield Say(key, {name: value})
    for slot, key, name in _MANY:
        if answers := report.all(slot):
            yield Say(key, {name: " ".join(answer.value for answer in answers)})
    if report.moved:
        yield Say("summary_moved")
    if report.evidence:
        yield Say("summary_sealed", {"parts": str(len(report.evidence))})
    if kept := kept_from(report):
        yield Say("summary_restrictions", {"restrictions": " ".join(kept)})


_ONE = (
    (Slot.ROLE, "summary_role", "role"),
    (Slot.PROVINCE, "summary_place", "place"),
    (Slot.PEOPLE_COUNT, "summary_people", "count"),
    (Slot.MINOR, "summary_minor", "minor"),
    (Slot.CONTACT, "summary_contact", "contact"),
)
_MANY = (
    (Slot.NATIONALITY, "summary_nationalities", "nationalities"),
    (Slot.INDICATOR, "summary_signs", "signs"),
)
