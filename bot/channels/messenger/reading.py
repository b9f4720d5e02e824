"""What Messenger sends us, taken apart and read. Pure.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from bot.channels.items import Fields, Item, instant, objects, picked, pin_of, within, words
from bot.channels.taps import tapped
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Start, Text, Unsent, Unsupported
from bot.model.private import Private

START = "start"
"""What the button in an empty chat sends back; it is no choice of ours."""


def items_of(body: Fields, page: str) -> list[Item]:
    """Take a body apart: what people said to one page of ours; what Meta says in two places of a body counts once."""
    once: dict[str, Item] = {}
    for entry in objects(body.get("entry")):
        if words(entry.get("id")) == page:
            for item in _items(entry, page):
                once.setdefault(item.dedupe, item)
    return list(once.values())


def _items(entry: Fields, page: str) -> Iterator[Item]:
    """Give what people said; an echo is what the page said, by us or by anybody else."""
    for event in _events(entry):
        user = words(within(event, "sender").get("id"))
        if user and user != page and not within(event, "message").get("is_echo"):
            for id_, content in _contents(event):
                yield Item(id_, user, {"timestamp": words(event.get("timestamp")), **content})


def _events(entry: Fields) -> Iterator[Fields]:
    """Give all events of an entry in one form.

    `standby` holds what is meant for another program on the same page: a reporter's words all the same. A tap there is
    on a button of that program.
    """
    yield from objects(entry.get("messaging"))
    yield from (event for event in objects(entry.get("standby")) if "postback" not in event)
    yield from (within(change, "value") for change in objects(entry.get("changes")))
    for call in objects(entry.get("calls")):
        if call.get("event") == "connect":
            yield {"sender": {"id": call.get("from")}, "timestamp": call.get("timestamp"), "call": call}


_KEPT: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "postback": ("title",),
        "reaction": ("action", "emoji"),
        "message_edit": ("text",),
        "optin": ("notification_messages_status",),
        "referral": (),
        "call": (),
    }
)
"""What is kept of an event; what is said of a link or an advertisement on the way is nothing that a report needs."""
_QUIET = (
    "read",
    "delivery",
    "account_linking",
    "policy_enforcement",
    "app_roles",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
)
"""What says nothing of a reporter's."""


def _contents(event: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each thing of an event, with an id of its own."""
    kind = next((kind for kind in ("message", *_KEPT, *_QUIET) if kind in event), "unknown")
    id_ = _id(event, kind)
    if kind == "message":
        yield from _of_message(id_, within(event, kind))
    elif kind not in _QUIET:
        held = within(event, kind)
        yield id_, {"kind": kind, **_texts(held, *_KEPT.get(kind, ())), **_tap(held)}


def _id(event: Fields, kind: str) -> str:
    """Give Meta's id of an event; one that only names the message it is about is known by all that it says."""
    own = words(within(event, kind).get("mid")) if kind in {"message", "postback"} else ""
    return own or f"{kind}-{sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()}"


def _texts(held: Fields, *names: str) -> dict[str, str]:
    """Give some fields as text, those that say something."""
    return {name: text for name in names if (text := words(held.get(name)))}


def _tap(held: Fields) -> dict[str, str]:
    """Keep the payload of a button of ours; another program's may be an address or a number out of a profile."""
    payload = words(held.get("payload"))
    is_ours = payload == START or tapped(payload).choice != payload
    return {"payload": payload} if is_ours else {}


def _of_message(id_: str, message: Fields) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the words of a message, and each file; the preview of a link in the words says nothing new."""
    if message.get("is_deleted"):
        yield f"{id_}#deleted", {"kind": "deleted"}
        return
    written = _texts(message, "text") | _tap(within(message, "quick_reply"))
    attachments = objects(message.get("attachments"))
    if written or not attachments:
        yield id_, {"kind": "message", **written}
    for number, attachment in enumerate(attachments):
        held = _attached(attachment)
        is_link = held.get("type") in _LINKS
        if not (written and is_link and held.get("url", "") in written.get("text", "")):
            yield f"{id_}#{held.get('sticker_id', number)}", {"kind": "attachment", **held}


def _attached(attachment: Fields) -> dict[str, Any]:
    """Keep of an attachment what it is, and where; before 2020 a link lay beside the payload."""
    payload, type_ = within(attachment, "payload"), words(attachment.get("type"))
    names = ("sticker_id", "url", "title") if type_ in _LINKS else ("sticker_id", "url")
    held = {"type": type_, **_texts(attachment, *names), **_texts(payload, *names)}
    return held | picked(within(payload, "coordinates"), "lat", "long")


def sent_at(content: Fields) -> datetime | None:
    """Give when it was sent: most events have milliseconds, some seconds."""
    stamp = content.get("timestamp")
    return instant(stamp) or instant(stamp, 1000)


def said(content: Fields) -> Message:
    """Say what an item is."""
    read = _READERS.get(words(content.get("kind")))
    return (read(content) if read else None) or Unsupported()


def _chosen(held: Fields) -> Message | None:
    """Read words, typed or on a button; a tap on a button of ours counts by its payload."""
    match held:
        case {"payload": str(payload)}:
            return Start() if payload == START else tapped(payload)
        case {"text": str(text)} | {"title": str(text)}:
            return Text(Private(text))
        case _:
            return None


def _reaction(held: Fields) -> Message | None:
    """A reaction is an answer, and may be taken back."""
    if held.get("action") == "unreact":
        return Unsent()
    return Text(Private(held["emoji"])) if "emoji" in held else None


def _edit(held: Fields) -> Message | None:
    return Text(Private(held["text"]), edited=True) if "text" in held else None


def _optin(held: Fields) -> Message:
    return Left() if held.get("notification_messages_status", "").upper().startswith("STOP") else Start()


_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/mp4"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "file": (PartKind.FILE, "application/octet-stream"),
    }
)
"""Meta does not say what is in a file; these are the usual."""
_LINKS = ("fallback", "reel", "ig_reel", "post", "ig_post", "share")
"""What somebody shares from elsewhere: its address is kept as words, and never fetched."""
_THUMBS = ("369239263222822", "369239343222814", "369239383222810")
"""The stickers of the thumb beside the line where one writes, in its three sizes."""


def _attachment(held: Fields) -> Message | None:
    if sticker := held.get("sticker_id"):
        return Text(Private("👍")) if sticker in _THUMBS else None
    read = _ATTACHMENTS.get(held.get("type", ""))
    return read(held) if read else None


def _file(type_: str, held: Fields) -> Message | None:
    (kind, usual), url = _FILES[type_], held.get("url")
    if not url:
        return None
    name = unquote(url.partition("?")[0].rpartition("/")[2]) if kind is PartKind.FILE else ""
    return Attachment(kind, Private(url), Private(name or kind.value), usual)


def _link(held: Fields) -> Message | None:
    lines = [held[name] for name in ("title", "url") if name in held]
    return Text(Private("\n".join(lines))) if lines else None


def _pin(held: Fields) -> Message | None:
    return pin_of(held.get("lat"), held.get("long"))


_ATTACHMENTS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "location": _pin,
        **dict.fromkeys(_LINKS, _link),
        **{type_: partial(_file, type_) for type_ in _FILES},
    }
)
_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "message": _chosen,
        "postback": _chosen,
        "reaction": _reaction,
        "message_edit": _edit,
        "attachment": _attachment,
        "optin": _optin,
        "referral": lambda _: Start(),  # came back by a link of ours
        "deleted": lambda _: Unsent(),
    }
)
