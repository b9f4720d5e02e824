"""What a channel can do: the table that the fallback ladder walks."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.channels.text import Unit, utf16


class Place(StrEnum):
    """How a channel lets somebody send where the phone is."""

    OWN = "own"  # by a message of its own with a button
    BESIDE = "beside"  # by a button beside the choices of a message
    LINK = "link"  # not at all: by a page of ours
    PAGE = "page"  # the reporter's side is ours and asks the phone itself


@dataclass(frozen=True, slots=True)
class Menu:
    """One way of offering choices for tapping.

    Attributes:
        style: The channel's word for it.
        most: Choices.
        label: Longest label, in `unit`.
        body: Longest text with it, in the channel's own unit.
    """

    style: str
    most: int
    label: int
    body: int
    unit: Unit = utf16


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do.

    Attributes:
        max_text: Longest text of one message, in `unit`.
        max_file_bytes: Largest file that can be fetched.
        pushes: Whether we send; False where the reporter's side asks (web chat).
        erases: Whether messages can be deleted, for 48 hours.
        clears: Whether the reporter's side clears itself on an erasure (web page).
        unit: What `max_text` counts.
        menus: Ways of offering choices, the best first; none fits: they are numbered in the text.
        place: How a place is asked for.
        window: How long after the reporter's last message we may send; None: always.
        burst: Most messages of ours for one of the reporter's; None: any number.
    """

    max_text: int
    max_file_bytes: int
    pushes: bool
    erases: bool
    clears: bool = False
    unit: Unit = utf16
    menus: tuple[Menu, ...] = ()
    place: Place = Place.LINK
    window: timedelta | None = None
    burst: int | None = None
