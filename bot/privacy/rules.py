"""The privacy rule of every slot. A slot without one does not pass the type checker."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from bot.model.report import Slot

RETENTION = timedelta(days=30)
"""How long our copy of a session and its sealed parts stays after the last message."""


class Exposure(StrEnum):
    """What of a slot leaves us."""

    CODE = "code"  # its code stands in the open part
    PRESENCE = "presence"  # only that something was given; the words are sealed
    NOTHING = "nothing"  # it steers the interview and never leaves


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a slot leaves us, and how long our copy stays."""

    exposure: Exposure
    retention: timedelta = RETENTION


def rule(slot: Slot) -> Rule:
    """Give the privacy rule of a slot."""
    match slot:
        case Slot.ROLE | Slot.COUNTRY | Slot.PROVINCE | Slot.NATIONALITY | Slot.MINOR | Slot.INDICATOR:
            return Rule(Exposure.CODE)
        case Slot.PEOPLE_COUNT:
            return Rule(Exposure.CODE)  # coarsened to a band before it reaches a session
        case Slot.CONTACT | Slot.RESTRICTION:
            return Rule(Exposure.CODE)
        case Slot.EXACT_PLACE | Slot.IDENTITY:
            return Rule(Exposure.PRESENCE)
        case Slot.LAST_CONTACT | Slot.SEEN | Slot.PHOTO:
            return Rule(Exposure.NOTHING)  # the sealed parts hold them
        case Slot.WHEN_MOVED:
            return Rule(Exposure.NOTHING)  # a yes is the indicator `imminent_danger`
        case Slot.SAFE_TO_WRITE:
            return Rule(Exposure.NOTHING)
        case _:
            assert_never(slot)
