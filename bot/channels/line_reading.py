"""What LINE sends us, taken apart and read (https://developers.line.biz/en/reference/messaging-api/#webhooks). Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, Item, objects, picked, within, words
from bot.channels.taps import tapped
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Pin, Start, Text, Unsent, Unsupported
from bot.model.private import Private

# --- Taking a body apart ---

_UNSAID = frozenset(
    {
        *("beacon", "things", "videoPlayComplete"),  # what a phone does by itself
        *("accountLink", "membership", "delivery"),  # of services of LINE that we do not offer
        *("module", "activated", "deactivated", "botSuspended", "botResumed"),  # of our own account
    }
)
"""Events in which nobody says anything: an answer would light up a phone that nobody touched."""
_MESSAGE = ("type", "id", "text", "latitude", "longitude", "fileName", "fileSize")
_PLACE = "+place"
"""Ends the id of what is said about a pinned place: one message of theirs is two of ours."""


def items_of(body: Fields) -> list[Item]:
    """Take a body apart: what people say to us, each alone; nothing while LINE lets another program answer."""
    return [item for event in objects(body.get("events")) if _is_for_us(event) for item in _items(event)]


def _is_for_us(event: Fields) -> bool:
    return event.get("mode") != "standby" and words(event.get("type")) not in _UNSAID


def _items(event: Fields) -> Iterator[Item]:
    match event:
        case {"source": {"type": "user", "userId": str(user)}, "webhookEventId": str(id_)} if user and id_:
            yield Item(id_, user, _kept(event))
            if place := _place(event):
                yield Item(id_ + _PLACE, user, {**picked(event, "timestamp"), "type": _PLACE, _PLACE: place})


def _kept(event: Fields) -> dict[str, Any]:
    """Keep what is said; not what it quotes, whom it names, nor the tokens that mark it read."""
    message = within(event, "message")
    elsewhere = picked(message.get("contentProvider"), "originalContentUrl")
    return {
        **picked(event, "type", "timestamp", "replyToken"),
        "message": {**picked(message, *_MESSAGE), **elsewhere},
        "postback": picked(event.get("postback"), "data"),
    }


def _place(event: Fields) -> dict[str, Any]:
    """Give what a pinned place is called, and where it is said to be; nothing of a bare position."""
    message = within(event, "message")
    return picked(message, "title", "address") if message.get("type") == "location" else {}


# --- What one thing says ---


def sent_at(content: Fields) -> datetime | None:
    """Read a time stamp in milliseconds, of 13 digits until the year 2286."""
    stamp = words(content.get("timestamp"))
    return datetime.fromtimestamp(int(stamp) / 1000, UTC) if len(stamp) == 13 and stamp.isdecimal() else None


def said(content: Fields) -> Message:
    """Say what an event is (https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects)."""
    read = _EVENTS.get(words(content.get("type")))
    return (read(content) if read else None) or Unsupported()


def _message(content: Fields) -> Message | None:
    message = within(content, "message")
    read = _MESSAGES.get(words(message.get("type")))
    return read(message) if read else None


def _edit(content: Fields) -> Message | None:
    text = within(content, "message").get("text")
    return Text(Private(text), edited=True) if isinstance(text, str) else None


def _tap(content: Fields) -> Message:
    return tapped(words(within(content, "postback").get("data")))


def _about_the_place(content: Fields) -> Message | None:
    """Give what a place is called as an edit, which is sealed without a word: the pin is answered already.

    The number of a house must not be taken for the answer to the next question.
    """
    place = within(content, _PLACE)
    text = "\n".join(filter(None, (words(place.get(name)) for name in ("title", "address"))))
    return Text(Private(text), edited=True) if text else None


_EVENTS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "message": _message,
        "messageEdited": _edit,
        "postback": _tap,
        "follow": lambda _: Start(),
        "unfollow": lambda _: Left(),
        "unsend": lambda _: Unsent(),
        _PLACE: _about_the_place,
    }
)


# --- What one message says ---


def _text(message: Fields) -> Message | None:
    """Give typed words: of a message, or on a sticker that takes some."""
    text = message.get("text")
    return Text(Private(text)) if isinstance(text, str) else None


def _pin(message: Fields) -> Message | None:
    match message:
        case {"latitude": int() | float() as lat, "longitude": int() | float() as lon} if _is_sane(lat) and _is_sane(
            lon
        ):
            return Pin(float(lat), float(lon))
        case _:
            return None


def _is_sane(degrees: float) -> bool:
    """Tell whether it is a number at all, and one that fits."""
    return abs(degrees) < 1e3


_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/mp4"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "file": (PartKind.FILE, "application/octet-stream"),
    }
)


def _file(type_: str, message: Fields) -> Message | None:
    """Read a file; of one that lies at a stranger's server, keep the address: nothing is fetched from there."""
    (kind, media_type), url = _FILES[type_], words(message.get("originalContentUrl"))
    if url:
        return Text(Private(url))
    handle, size = words(message.get("id")), message.get("fileSize")
    if not handle:
        return None
    name = words(message.get("fileName")) or kind.value
    return Attachment(kind, Private(handle), Private(name), media_type, size if type(size) is int else None)


_MESSAGES: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "text": _text,
        "sticker": _text,
        "location": _pin,
        **{type_: partial(_file, type_) for type_ in _FILES},
    }
)
