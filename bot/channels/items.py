"""One thing of a webhook's body, as it is stored: what a report may need of it, and nothing of anybody's profile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.channels.wire import Call, json_object
from bot.errors import UpdateError
from bot.model.message import Pin, Text
from bot.model.private import Private

_MAX_DEDUPE_CHARS = 120
"""The column holds 128."""


_MOST = 1e6
_MOST_DIGITS = 20
_FIRST_SECOND, _LAST_SECOND = 1e9, 1e10
"""From 2001 to 2286: what has another number of digits is in other units, or nonsense."""

type Fields = Mapping[str, Any]
"""An object of a vendor's, of which nothing is sure."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message, tap or event.

    Attributes:
        dedupe: The vendor's own id of it.
        user: The vendor's id of who sent it.
        content: The vendor's own fields, those that we read.
    """

    dedupe: str
    user: str = field(repr=False)
    content: dict[str, Any] = field(repr=False)


def pack(item: Item) -> bytes:
    """Write an item as it is stored; an id too long for its column is hashed."""
    dedupe = (
        item.dedupe
        if len(item.dedupe) <= _MAX_DEDUPE_CHARS
        else sha256(item.dedupe.encode(errors="replace")).hexdigest()
    )
    return json.dumps({"dedupe": dedupe, "user": item.user, "content": item.content}).encode()


def unpack(raw: bytes) -> Item:
    """Read a stored item.

    Raises:
        UpdateError: It is none.
    """
    match json_object(raw):
        case {"dedupe": str(dedupe), "user": str(user), "content": dict(content)}:
            return Item(dedupe, user, content)
        case _:
            raise UpdateError("not a stored item")


_PIN = "pin from our page"


def pinned(dedupe: str, user: str, pin: Pin) -> Item:
    """Make the item of a pin that came by our own page, for a reporter on a channel without a button for it."""
    return Item(dedupe, user, {_PIN: {"lat": pin.lat, "lon": pin.lon, "accuracy_m": pin.accuracy_m}})


def read_pin(content: Fields) -> Pin | None:
    """Give the pin of such an item; None for any other."""
    held = content.get(_PIN)
    return Pin(**held) if held else None


def body_of(call: Call) -> Fields:
    """Read the JSON of a call.

    Raises:
        UpdateError: It is no object: nothing that a vendor would send.
    """
    body = json_object(call.body)
    if body is None:
        raise UpdateError("not an object")
    return body


def picked(held: object, *names: str) -> dict[str, Any]:
    """Give some fields of an object, those that are there."""
    return {name: held[name] for name in names if name in held} if isinstance(held, dict) else {}


def within(held: object, name: str) -> Fields:
    """Give the object under a name; an empty one where there is none."""
    found = held.get(name) if isinstance(held, dict) else None
    return found if isinstance(found, dict) else {}


def objects(held: object) -> list[dict[str, Any]]:
    """Give the objects of a list; nothing of what is none."""
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def words(held: object) -> str:
    """Give a text or a whole number as text; nothing of what is neither."""
    if isinstance(held, int) and not isinstance(held, bool):
        return str(held)
    return held if isinstance(held, str) else ""


def pin_of(lat: object, lon: object, *label: object, accuracy_m: object = None) -> Pin | Text | None:
    """Make a pin of degrees and of what the app calls the place, line by line; of a place without degrees its name."""
    north, east, lines = number(lat), number(lon), "\n".join(filter(None, map(words, label)))
    named = Private(lines) if lines else None
    if north is None or east is None:
        return Text(named) if named else None
    return Pin(north, east, number(accuracy_m), named)


def number(held: object) -> float | None:
    """Give a number that may be a coordinate or a length; None of anything else, too large ones among it."""
    if isinstance(held, bool) or not isinstance(held, int | float) or not abs(held) < _MOST:
        return None
    return float(held)


def instant(held: object, a_second: int = 1) -> datetime | None:
    """Read a time stamp, so many units of which are a second; None of one that is not of our years."""
    stamp = words(held)
    seconds = int(stamp) / a_second if stamp.isascii() and stamp.isdigit() and len(stamp) < _MOST_DIGITS else 0.0
    return datetime.fromtimestamp(seconds, UTC) if _FIRST_SECOND <= seconds < _LAST_SECOND else None
