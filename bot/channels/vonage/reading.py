"""What Vonage's calls say: a message by the newest of its interfaces or by an older one, and the files in it.

https://developer.vonage.com/en/api/messages, .../api/messages.v0 and .../messaging/sms/guides/inbound-sms
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, Item, objects, picked, pin_of, within, words
from bot.model.codes import PartKind
from bot.model.message import Attachment, Message, Text, Unsupported
from bot.model.private import Private

_TAKEN = ("sms", "mms")
"""Of the networks that Vonage brings."""


def items_of(body: Fields) -> Iterator[Item]:
    """Give a message as items; nothing of a status, of another network, or of what was sent to a group."""
    message = _as_v1(body)
    user, id_ = words(message.get("from")), words(message.get("message_uuid"))
    taken = message.get("channel") in _TAKEN and "status" not in message
    if not (user and id_ and taken) or within(message, "mms").get("participants"):
        return
    first, *more = _files(message) or [{}]
    location = picked(message.get("location"), "lat", "long", "name", "address")
    yield Item(id_, user, {**picked(message, "timestamp", "text"), "location": location, "file": first})
    for number, file in enumerate(more, start=2):
        yield Item(f"{id_}/{number}", user, {**picked(message, "timestamp"), "file": file})


def _as_v1(body: Fields) -> Fields:
    """Write a body of Vonage's older interfaces as the newest has it: which one calls us is set in its dashboard."""
    match body:
        case {"from": {"type": channel, "number": number}, "message": {"content": dict(content)}}:  # Messages API 0.1
            return {**content, **picked(body, "message_uuid", "timestamp"), "channel": channel, "from": number}
        case {"msisdn": number, "messageId": _}:  # SMS API
            at = body.get("message-timestamp")
            return {**body, "channel": "sms", "from": number, "message_uuid": _part_id(body), "timestamp": at}
        case _:
            return body


def _part_id(body: Fields) -> str:
    """Name an SMS; the SMS API gives long ones in parts, each of which is a message of its own for us."""
    id_, part = words(body.get("messageId")), words(body.get("concat-part"))
    return f"{id_}/{part}" if id_ and part else id_


_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/amr"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "vcard": (PartKind.FILE, "text/vcard"),
        "file": (PartKind.FILE, "application/octet-stream"),
    }
)


def _files(message: Fields) -> list[dict[str, Any]]:
    """Give the files of a message, each once: one stands by itself, and several in a list."""
    alone = [{**picked(message.get(type_), "url", "name", "caption"), "type": type_} for type_ in _FILES]
    found: dict[str, dict[str, Any]] = {}
    for file in [*alone, *objects(message.get("content"))]:
        if url := words(file.get("url")):
            found.setdefault(url, picked(file, "type", "url", "name", "caption"))
    return list(found.values())


def said(content: Fields, schemes: tuple[str, ...]) -> Message:
    """Say what an item is.

    Args:
        content: Of the item.
        schemes: Beginnings of addresses that files may have; others are as good as missing.
    """
    return _attachment(content, schemes) or _pin(content) or _text(content) or Unsupported()


def _attachment(content: Fields, schemes: tuple[str, ...]) -> Message | None:
    file = within(content, "file")
    url, kind_of = words(file.get("url")), _FILES.get(words(file.get("type")))
    if kind_of is None or not url.startswith(schemes):
        return None
    kind, media_type = kind_of
    caption = words(file.get("caption")) or words(content.get("text"))
    name = words(file.get("name")) or kind.value
    return Attachment(kind, Private(url), Private(name), media_type, caption=Private(caption) if caption else None)


def _text(content: Fields) -> Message | None:
    text = words(content.get("text"))
    return Text(Private(text)) if text else None


def _pin(content: Fields) -> Message | None:
    at = within(content, "location")
    return pin_of(at.get("lat"), at.get("long"), at.get("name"), at.get("address"))


def sent_at(content: Fields) -> datetime | None:
    """Read a time, in ISO 8601 and of UTC if it does not say; None for one outside this century."""
    try:
        at = datetime.fromisoformat(words(content.get("timestamp")))
    except ValueError:
        return None
    if not 2000 <= at.year < 2100:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
