"""What LINE sends us, taken apart and read (https://developers.line.biz/en/reference/messaging-api/#webhooks). Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, Item, instant, objects, picked, pin_of, within, words
from bot.channels.taps import tapped
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Start, Text, Unsent, Unsupported
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
_MESSAGE = ("type", "id", "text", "latitude", "longitude", "title", "address", "fileName", "fileSize")


def items_of(body: Fields) -> list[Item]:
    """Take a body apart: what people say to us, each alone; nothing while LINE lets another program answer."""
    return [item for event in objects(body.get("events")) if _is_for_us(event) for item in _items(event)]


def _is_for_us(event: Fields) -> bool:
    return event.get("mode") != "standby" and words(event.get("type")) not in _UNSAID


def _items(event: Fields) -> Iterator[Item]:
    match event:
        case {"source": {"type": "user", "userId": str(user)}, "webhookEventId": str(id_)} if user and id_:
            yield Item(id_, user, _kept(event))


def _kept(event: Fields) -> dict[str, Any]:
    """Keep what is said; not what it quotes, whom it names, nor the tokens that mark it read."""
    message = within(event, "message")
    elsewhere = picked(message.get("contentProvider"), "originalContentUrl")
    return {
        **picked(event, "type", "timestamp", "replyToken"),
        "message": {**picked(message, *_MESSAGE), **elsewhere},
        "postback": picked(event.get("postback"), "data"),
    }


# --- What one thing says ---


def sent_at(content: Fields) -> datetime | None:
    """Give when it was sent: LINE counts milliseconds."""
    return instant(content.get("timestamp"), 1000)


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


_EVENTS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "message": _message,
        "messageEdited": _edit,
        "postback": _tap,
        "follow": lambda _: Start(),
        "unfollow": lambda _: Left(),
        "unsend": lambda _: Unsent(),
    }
)


# --- What one message says ---


def _text(message: Fields) -> Message | None:
    """Give typed words: of a message, or on a sticker that takes some."""
    text = message.get("text")
    return Text(Private(text)) if isinstance(text, str) else None


def _pin(message: Fields) -> Message | None:
    label = (message.get("title"), message.get("address"))
    return pin_of(message.get("latitude"), message.get("longitude"), *label)


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
