"""The fallback ladder: one reply as the messages that a channel can show. Pure.

Choices are buttons, a list, or numbers in the text: the first that fits. A label is never cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.taps import tap_data
from bot.channels.text import pieces
from bot.model.reply import Reply

_PIN = "📍"


class Button(NamedTuple):
    """A choice for tapping: what comes back, and its words."""

    payload: str
    label: str


@dataclass(frozen=True, slots=True)
class Part:
    """One message.

    Attributes:
        text: Its words, within the channel's limit.
        menu: How its buttons are shown; None: there are none.
        buttons: In their order.
        place_label: The words on a button that sends where the phone is; empty: it has none.
    """

    text: str
    menu: Menu | None = None
    buttons: tuple[Button, ...] = ()
    place_label: str = ""


def plan(reply: Reply, can: Capabilities, link: str = "") -> tuple[Part, ...]:
    """Give the messages of a reply, within a channel's limits.

    Args:
        reply: What is to be said.
        can: What the channel can do.
        link: Of the page that sends where the phone is, for channels that have no button for it.
    """
    if reply.place_label and can.place is Place.LINK and link:
        reply = replace(reply, text=f"{reply.text}\n\n{_PIN} {reply.place_label}: {link}")
    for menu in can.menus:
        if buttons := _fitting(reply, menu, beside=can.place is Place.BESIDE):
            return _with_place(_tapped(reply, can, menu, buttons), reply, can)
    return _with_place(_numbered(reply, can), reply, can)


def _fitting(reply: Reply, menu: Menu, *, beside: bool) -> tuple[Button, ...]:
    """Give the choices as buttons, with their signs where all fit so; nothing if the menu is too small for them."""
    taken = 1 if beside and reply.place_label else 0
    if len(reply.choices) + taken > menu.most:
        return ()
    labels = [choice.shown for choice in reply.choices]
    if not _fit(labels, menu):
        labels = [choice.label for choice in reply.choices]
        if not _fit(labels, menu):
            return ()
    ids = [choice.id for choice in reply.choices]
    return tuple([Button(tap_data(reply.question, id_), label) for id_, label in zip(ids, labels, strict=True)])


def _fit(labels: Sequence[str], menu: Menu) -> bool:
    """Tell whether labels are short enough, and each another one's."""
    return max(map(menu.unit, labels), default=0) <= menu.label and len(set(labels)) == len(labels)


def _tapped(reply: Reply, can: Capabilities, menu: Menu, buttons: tuple[Button, ...]) -> tuple[Part, ...]:
    """Put the buttons below the end of the text."""
    if can.unit(reply.text) <= menu.body:
        return (Part(reply.text, menu, buttons),)
    *before, last = pieces(reply.text, can.max_text, can.unit)
    *more, last = pieces(last, menu.body, can.unit)
    return (*map(Part, (*before, *more)), Part(last, menu, buttons))


def _numbered(reply: Reply, can: Capabilities) -> tuple[Part, ...]:
    lines = "\n".join(choice.shown for choice in reply.choices)
    text = f"{reply.text}\n\n{lines}" if lines else reply.text
    return tuple(map(Part, pieces(text, can.max_text, can.unit)))


def _with_place(parts: Sequence[Part], reply: Reply, can: Capabilities) -> tuple[Part, ...]:
    """Add the button that sends where the phone is, if the channel has one and the words on it fit."""
    if not reply.place_label:
        return tuple(parts)
    match can.place:
        case Place.OWN:
            return (*parts, Part(f"{_PIN} {reply.place_label}", place_label=reply.place_label))
        case Place.BESIDE:
            return (*parts[:-1], _beside(parts[-1], reply.place_label, can.menus))
        case Place.LINK | Place.PAGE:
            return tuple(parts)


def _beside(part: Part, label: str, menus: Sequence[Menu]) -> Part:
    menu = part.menu or next(iter(menus), None)
    if menu is None or menu.unit(label) > menu.label:
        return part
    return replace(part, menu=menu, place_label=label)
