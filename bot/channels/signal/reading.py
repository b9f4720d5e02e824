"""What signal-cli reads for us (https://github.com/AsamK/signal-cli/tree/master/src/main/java/org/asamk/signal/json)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, Item, instant, objects, picked, within, words
from bot.channels.wire import json_object
from bot.errors import UpdateError
from bot.model.codes import PartKind
from bot.model.message import Attachment, ContactCard, Message, Text, Unsent, Unsupported
from bot.model.private import Private

_STAMPS = ("timestamp", "serverReceivedTimestamp")
_USERS = ("sourceUuid", "sourceNumber", "source")
"""Who sent it, the best first: a number is stored only of somebody who has nothing else."""
_SILENT = frozenset(
    {"timestamp", "expiresInSeconds", "isExpirationUpdate", "storyContext", "pinMessage", "unpinMessage"}
)
_DECORATION = frozenset({"quote", "mentions", "previews", "textStyles"})
"""Apps send messages that say nothing, of themselves or when a timer is set: they hold only such fields."""
_LONG_TEXT = "text/x-signal-plain"
"""The file in which apps send the whole of a text of more than 2,048 bytes; beside it they send the beginning."""
_LONG_TEXT_BYTES = 2048
_KINDS: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/aac"),
        "video": (PartKind.VIDEO, "video/mp4"),
    }
)
_CARD = ("name", "organization", "phone", "email", "address")
_NAME = ("prefix", "given", "middle", "family", "suffix", "nickname")
_PLACE = ("street", "pobox", "neighborhood", "city", "region", "postcode", "country")


def outer(body: bytes) -> Fields:
    """Give what holds the envelope: bare as the API has it, or in either form of signal-cli's own JSON-RPC.

    Raises:
        UpdateError: It is no object.
    """
    whole = json_object(body)
    if whole is None:
        raise UpdateError("not in signal-cli's form")
    params = within(whole, "params")
    return within(params, "result") or params or whole


def items(envelope: Fields) -> Iterator[Item]:
    """Give what an envelope says; its id is who sent it and when, with a number for each thing after the first."""
    user = next(filter(None, (words(envelope.get(name)) for name in _USERS)), "")
    stamp = words(envelope.get("timestamp"))
    for number, content in enumerate(_contents(envelope) if user and stamp else ()):
        yield Item(f"{user}-{stamp}" + (f"-{number}" if number else ""), user, picked(envelope, *_STAMPS) | content)


def _contents(envelope: Fields) -> list[dict[str, Any]]:
    """Take an envelope apart: receipts, typing, stories, and what was written on the linked phone, are nothing."""
    if within(envelope, "callMessage").get("offerMessage"):
        return [{"callMessage": {}}]
    if edited := within(within(envelope, "editMessage"), "dataMessage"):
        return _edited(edited) if _is_for_us(edited) else []
    data = within(envelope, "dataMessage")
    return _parts(data) if _is_for_us(data) else []


def _is_for_us(data: Fields) -> bool:
    """Whether somebody said something, and not in a group."""
    said = (value for name, value in data.items() if name not in _SILENT | _DECORATION)
    return any(said) and not data.get("groupInfo")


def _edited(data: Fields) -> list[dict[str, Any]]:
    """Give the new words, and no file again but that of a long text."""
    return [{"editMessage": {"dataMessage": picked(data, "message")}}, *map(_of_file, filter(_is_long, _files(data)))]


def _parts(data: Fields) -> list[dict[str, Any]]:
    """Give a message with its first file, and each file more."""
    files = _files(data)
    return [{"dataMessage": _kept(data) | _of_files(files[:1])}, *map(_of_file, files[1:])]


def _of_file(file: Fields) -> dict[str, Any]:
    return {"dataMessage": _of_files([file])}


def _of_files(files: list[Fields]) -> dict[str, Any]:
    return {"attachments": files} if files else {}


def _files(data: Fields) -> list[Fields]:
    """Give the files of a message, without that of a long text which signal-cli gives whole (from 0.14 on)."""
    files = [picked(file, "id", "contentType", "filename") for file in objects(data.get("attachments"))]
    is_whole = len(words(data.get("message")).encode("utf-8", "replace")) > _LONG_TEXT_BYTES
    return [file for file in files if not (is_whole and _is_long(file))]


def _is_long(file: Fields) -> bool:
    return file.get("contentType") == _LONG_TEXT


def _kept(data: Fields) -> dict[str, Any]:
    """Give the words, the emoji, the cards and the taking back of a message; of another kind, nothing."""
    held = {
        "message": data.get("message"),
        "reaction": picked(data.get("reaction"), "emoji", "isRemove"),
        "remoteDelete": picked(data.get("remoteDelete"), "timestamp"),
        "contacts": [picked(card, *_CARD) for card in objects(data.get("contacts"))],
    }
    return {name: value for name, value in held.items() if value}


def sent_at(content: Fields) -> datetime | None:
    """Give the time of Signal's server, else of the phone: milliseconds."""
    return instant(content.get("serverReceivedTimestamp") or content.get("timestamp"), 1000)


def said(content: Fields) -> Message:
    """Say what one thing of an envelope is."""
    if edited := within(within(content, "editMessage"), "dataMessage"):
        return _text(edited, edited=True) or Unsupported()
    data = within(content, "dataMessage")
    read = next((reader for name, reader in _READERS.items() if data.get(name)), None)
    return (read(data) if read else None) or Unsupported()


def _text(data: Fields, *, edited: bool = False) -> Message | None:
    text = words(data.get("message"))
    return Text(Private(text), edited=edited) if text else None


def _file(data: Fields) -> Message | None:
    """Give a file with the words beside it; one that signal-cli did not fetch has no id, and its words are left."""
    file = next(iter(objects(data.get("attachments"))), {})
    handle, caption, content_type = words(file.get("id")), words(data.get("message")), words(file.get("contentType"))
    if not handle:
        return _text(data)
    kind, usual = _KINDS.get(content_type.partition("/")[0], (PartKind.FILE, "application/octet-stream"))
    media_type = "text/plain" if content_type == _LONG_TEXT else content_type.partition(";")[0] or usual
    name = words(file.get("filename")) or kind.value
    return Attachment(kind, Private(handle), Private(name), media_type, caption=Private(caption) if caption else None)


def _reaction(data: Fields) -> Message | None:
    """A reaction is an answer."""
    reaction = within(data, "reaction")
    emoji = words(reaction.get("emoji"))
    if reaction.get("isRemove"):
        return Unsent()
    return Text(Private(emoji)) if emoji else None


def _cards(data: Fields) -> Message:
    return ContactCard(Private("\n\n".join(map(_card, objects(data.get("contacts"))))))


def _card(card: Fields) -> str:
    ways = [words(way.get("value")) for kind in ("phone", "email") for way in objects(card.get(kind))]
    places = [_joined(place, *_PLACE) for place in objects(card.get("address"))]
    lines = (_joined(within(card, "name"), *_NAME), words(card.get("organization")), *ways, *places)
    return "\n".join(line for line in lines if line)


def _joined(held: Fields, *names: str) -> str:
    return " ".join(filter(None, (words(held.get(name)) for name in names)))


_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "attachments": _file,
        "reaction": _reaction,
        "remoteDelete": lambda _: Unsent(),
        "contacts": _cards,
        "message": _text,
    }
)
"""By what a message holds, the first of them; a call and all else is answered by a sentence."""
