"""Closed lists of the open part (`desk/ticket-v1.schema.json`); those of the taxonomy stand in `nlu.taxonomy`."""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What the reporter is to the affected person."""

    AFFECTED = "affected"
    RELATIVE = "relative"
    FRIEND = "friend"
    WITNESS = "witness"


class Basis(StrEnum):
    """Whether an answer was chosen, stated in words, or comes from a pin."""

    ANSWERED = "answered"
    STATED = "stated"
    PIN = "pin"


class Urgency(StrEnum):
    """How soon a hotline should look."""

    IMMEDIATE = "immediate"
    SOON = "soon"
    ROUTINE = "routine"


class Status(StrEnum):
    """How far a report is."""

    PARTIAL = "partial"
    COMPLETE = "complete"
    WITHDRAWN = "withdrawn"


class Lane(IntEnum):
    """Who goes first where many wait. Nobody is left out: the last lane is slower, marked and never dropped."""

    URGENT = 0
    NORMAL = 1
    LOW_TRUST = 2


class Window(StrEnum):
    """When a question of the hotline may reach the reporter, in Cambodia's time."""

    WHEN_THEY_WRITE = "when_they_write"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"
    NEVER = "never"


class Handling(StrEnum):
    """What the hotline says of a ticket it has."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class PartKind(StrEnum):
    """What a sealed part holds."""

    WORDS = "words"
    PIN = "pin"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    CONTACT = "contact"


class Detail(StrEnum):
    """The details that make a report usable, most useful first."""

    EXACT_PLACE = "exact_place"
    HOW_MANY = "how_many"
    IDENTITY = "identity"
    DANGER = "danger"
    SAFE_CONTACT = "safe_contact"
    PHOTO_OF_PLACE = "photo_of_place"


ATTACHMENTS = frozenset({PartKind.PHOTO, PartKind.VOICE, PartKind.VIDEO, PartKind.FILE})
CHANNELS = ("telegram", "whatsapp", "messenger", "line", "viber", "wechat", "sms", "signal", "web", "console")
KEPT_FROM = ("local_authorities", "police", "embassy", "family")
"""Who may be named as not to see a report; the ticket says `not_` before each."""
DANGER = "imminent_danger"
"""Offered with every question, last, under the number 0: whoever reads little finds it always there."""
COUNT_BANDS = ("1", "2-5", "6-20", "21-100", "over_100")


def count_band(people: int) -> str:
    """Coarsen a number of people to a band of the ticket.

    >>> count_band(7)
    '6-20'
    """
    for most, band in ((1, "1"), (5, "2-5"), (20, "6-20"), (100, "21-100")):
        if people <= most:
            return band
    return "over_100"
