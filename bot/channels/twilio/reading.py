"""What Twilio's calls say: the form as it came, and the messages in it.

https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count, takewhile
from math import isfinite
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

from bot.channels.items import Fields, Item, picked, words
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private


def pairs(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Take a form apart, whatever its bytes are."""
    for field in body.replace(b"+", b" ").split(b"&"):
        name, _, value = field.partition(b"=")
        if field:
            yield unquote_to_bytes(name), unquote_to_bytes(value)


def form_of(body: bytes) -> dict[str, str]:
    """Read a form; bytes of no language become the sign for that."""
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, value in pairs(body)}


def is_call(form: Mapping[str, str]) -> bool:
    """Tell whether somebody rings, or has rung."""
    return "CallSid" in form


_IDS = ("MessageSid", "SmsSid", "CallSid")


def items_of(form: Mapping[str, str], origins: tuple[str, ...]) -> list[Item]:
    """Give the items of a message: each of its files is one.

    Args:
        form: What Twilio posted.
        origins: Beginnings of addresses that files may have; others are as good as missing.
    """
    user, id_ = form.get("From"), next((form[name] for name in _IDS if form.get(name)), "")
    if not user or not id_ or "MessageStatus" in form or _is_to_a_group(form):
        return []  # a status of ours has no words
    contents = enumerate(_contents(form, _files(form, origins)))
    return [Item(f"{id_}:{number}" if number else id_, user, content) for number, content in contents]


def _is_to_a_group(form: Mapping[str, str]) -> bool:
    """Tell whether others got it too (MMS): they may be anybody, and may answer in our place."""
    return any(value.strip() for name, value in form.items() if name.startswith("OtherRecipients"))


_OF_FILE = ("MediaUrl", "MediaContentType")
_OF_PLACE = ("Latitude", "Longitude")


def _files(form: Mapping[str, str], origins: tuple[str, ...]) -> list[dict[str, Any]]:
    numbers = takewhile(lambda number: f"MediaUrl{number}" in form, count())
    files = [{name: form.get(f"{name}{number}", "") for name in _OF_FILE} for number in numbers]
    return [file for file in files if file["MediaUrl"].startswith(origins)]


def _contents(form: Mapping[str, str], files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take a message apart: its place, its files, and its words, which belong to the first file.

    Where the number is registered, and the name that other networks add, stay out.
    """
    if is_call(form):
        return [picked(form, "CallStatus")] if form.get("CallStatus") == "ringing" else []
    place = [picked(form, *_OF_PLACE, "Label", "Address")] if form.keys() >= set(_OF_PLACE) else []
    if files:
        first, *more = files
        return [first | picked(form, "Body"), *more, *place]
    has_words = "Body" in form and (form["Body"] or not place)
    return [*place, picked(form, "Body", "OptOutType", "NumMedia")] if has_words else place


def said(content: Fields) -> Message:
    """Say what an item is."""
    read = next((read for name, read in _READERS.items() if name in content), None)
    return (read(content) if read else None) or Unsupported()


def _file(content: Fields) -> Message:
    media_type, _, _ = words(content.get("MediaContentType")).lower().partition(";")
    whole, _, _ = media_type.partition("/")
    kind, caption = _KINDS.get(whole, PartKind.FILE), words(content.get("Body"))
    return Attachment(
        kind,
        Private(words(content.get("MediaUrl"))),
        Private(kind.value),
        media_type.strip() or "application/octet-stream",
        caption=Private(caption) if caption else None,
    )


def _pin(content: Fields) -> Message | None:
    try:
        lat, lon = (float(words(content.get(name))) for name in _OF_PLACE)
    except ValueError:
        return None
    label = "\n".join(filter(None, (words(content.get("Label")), words(content.get("Address")))))
    return Pin(lat, lon, label=Private(label) if label else None) if isfinite(lat) and isfinite(lon) else None


def _text(content: Fields) -> Message | None:
    """Read words, and what Twilio took them for: "help" stays a word, and so does "yes", which answers a question."""
    body, files = words(content.get("Body")), words(content.get("NumMedia"))
    match words(content.get("OptOutType")).upper(), body.strip().upper():
        case "STOP", _:
            return Left()
        case "START", "START" | "UNSTOP":
            return Start()
        case _, "" if files.strip("0"):
            return None  # files that cannot be fetched
        case _:
            return Text(Private(body))


_KINDS = MappingProxyType({"image": PartKind.PHOTO, "audio": PartKind.VOICE, "video": PartKind.VIDEO})
_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {"MediaUrl": _file, "Latitude": _pin, "CallStatus": lambda _: Unsupported(), "Body": _text}
)
"""By the field that tells."""
