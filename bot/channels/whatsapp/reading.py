"""What WhatsApp sends us, taken apart and read. Pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, Item, instant, objects, picked, pin_of, within, words
from bot.channels.taps import tapped
from bot.channels.wire import json_object
from bot.model.codes import PartKind
from bot.model.message import Attachment, ContactCard, Left, Message, Start, Text, Unsent, Unsupported
from bot.model.private import Private


def items_of(body: Fields, number: str) -> list[Item]:
    """Take a body apart: what reporters did towards one number of ours, in each change of each entry."""
    return [item for take, value in _changes(body) if _number(value) == number for item in take(value)]


def _changes(body: Fields) -> Iterator[tuple[Callable[[Fields], Iterator[Item]], Fields]]:
    for entry in objects(body.get("entry")):
        for change in objects(entry.get("changes")):
            if take := _FIELDS.get(words(change.get("field"))):
                yield take, within(change, "value")


def _number(value: Fields) -> str:
    return words(within(value, "metadata").get("phone_number_id"))


def _messages(value: Fields) -> Iterator[Item]:
    for message in objects(value.get("messages")):
        user, id_ = _sender(message, value), words(message.get("id"))
        if user and id_ and _is_a_reporters(message):
            yield Item(id_, user, _kept(message))


def _calls(value: Fields) -> Iterator[Item]:
    """Give who called us, once for each call: nobody picks up, and a sentence says so."""
    for call in objects(value.get("calls")):
        user, id_ = _sender(call, value), words(call.get("id"))
        if user and id_ and picked(call, "event", "direction") == _RINGS:
            yield Item(id_, user, {**picked(call, "timestamp"), "type": "call"})


_RINGS = {"event": "connect", "direction": "USER_INITIATED"}
_FIELDS: Mapping[str, Callable[[Fields], Iterator[Item]]] = MappingProxyType(
    {
        "messages": _messages,
        "standby": lambda value: _messages(within(value, "standby")),
        "calls": _calls,
    }
)
"""The fields of a webhook that bring reporters' doings; delivery, echoes, history and our account's news are none.

`standby` is where messages come while Meta's own agent holds a conversation; our answer takes it back
(https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/standby).
"""


def _sender(message: Fields, value: Fields) -> str:
    """Give whose doing it is: an id within our business where Meta gives one, else the number.

    Who changed their number has a new id from then on, and what we know is the old one. Either may be missing or
    empty (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids).
    """
    contacts = objects(value.get("contacts"))
    alone = contacts[0] if len(contacts) == 1 else {}
    named = (
        within(message, "system").get("previous_user_id"),
        message.get("from_user_id"),
        message.get("from"),
        alone.get("user_id"),
        alone.get("wa_id"),
    )
    return next((user for name in named if (user := words(name).removeprefix("+"))), "")


_MOVES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
"""What WhatsApp itself says of a reporter that concerns us; a phone that was set up anew does not."""


def _is_a_reporters(message: Fields) -> bool:
    """Tell whether a reporter did it, and with us alone: not WhatsApp by itself, and not in a group."""
    if message.get("group_id"):
        return False
    match message:
        case {"type": "system"}:
            return words(within(message, "system").get("type")) in _MOVES
        case {"interactive": {"type": "call_permission_reply"}}:
            return False  # comes with a call, by itself
        case _:
            return True


# --- What is kept of a message: its profile, context, referral and the addresses of its files are not ---

_OF_FILES = ("id", "caption", "mime_type", "filename")
_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/ogg"),
        "voice": (PartKind.VOICE, "audio/ogg"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "document": (PartKind.FILE, "application/octet-stream"),
    }
)
_OF_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("body",),
        "button": ("text",),
        "interactive": ("button_reply", "list_reply", "nfm_reply"),
        "location": ("latitude", "longitude", "name", "address", "url"),
        "reaction": ("emoji",),
        "order": ("text",),
        "unsupported": ("type",),
        **dict.fromkeys(_FILES, _OF_FILES),
    }
)
_OF_CARDS = ("name", "org", "phones", "emails", "urls", "addresses")


def _kept(message: Fields) -> dict[str, Any]:
    head = picked(message, "timestamp")
    match message:
        case {"type": "edit"}:
            return {**head, "type": "edit", "edit": _typed(within(within(message, "edit"), "message"))}
        case {"type": "contacts"}:
            cards = [picked(card, *_OF_CARDS) or picked(card, "vcard") for card in objects(message.get("contacts"))]
            return {**head, "type": "contacts", "contacts": cards}
        case _:
            return {**head, **_typed(message)}


def _typed(message: Fields) -> dict[str, Any]:
    type_ = words(message.get("type"))
    return {"type": type_, type_: picked(message.get(type_), *_OF_TYPES.get(type_, ()))}


# --- What it says ---


def sent_at(content: Fields) -> datetime | None:
    """Give when it was sent."""
    return instant(content.get("timestamp"))


def said(content: Fields) -> Message:
    """Say what a message is."""
    read = _READERS.get(words(content.get("type")))
    return (read(content) if read else None) or Unsupported()


def _words(type_: str, name: str, content: Fields) -> Message | None:
    text = words(within(content, type_).get(name))
    return Text(Private(text)) if text else None


def _interactive(content: Fields) -> Message | None:
    match content:
        case {"interactive": {"button_reply": {"id": str(id_)}} | {"list_reply": {"id": str(id_)}}}:
            return tapped(id_)
        case {"interactive": {"nfm_reply": {"response_json": str(filled)}}}:
            return _form(json_object(filled.encode("utf-8", "replace")) or {})
        case _:
            return None


def _form(filled: Fields) -> Message | None:
    """A form that somebody filled in; none is ours, and what they typed counts."""
    lines = [words(value) for name, value in filled.items() if name != "flow_token"]
    text = "\n".join(filter(None, lines))
    return Text(Private(text)) if text else None


def _pin(content: Fields) -> Message | None:
    at = within(content, "location")
    return pin_of(at.get("latitude"), at.get("longitude"), at.get("name"), at.get("address"), at.get("url"))


def _reaction(content: Fields) -> Message:
    """A reaction is an answer; one without an emoji takes it back."""
    return _words("reaction", "emoji", content) or Unsent()


def _cards(content: Fields) -> Message | None:
    cards = "\n\n".join(filter(None, map(_card, objects(content.get("contacts")))))
    return ContactCard(Private(cards)) if cards else None


def _card(card: Fields) -> str:
    """Write a card as lines: its names, then whatever reaches whom it is of."""
    lines = (
        words(within(card, "name").get("formatted_name")),
        words(within(card, "org").get("company")),
        *(words(phone.get("phone")) or words(phone.get("wa_id")) for phone in objects(card.get("phones"))),
        *(words(email.get("email")) for email in objects(card.get("emails"))),
        *(words(url.get("url")) for url in objects(card.get("urls"))),
        *(_postal(address) for address in objects(card.get("addresses"))),
        words(card.get("vcard")),
    )
    return "\n".join(filter(None, lines))


def _postal(address: Fields) -> str:
    lines = (words(address.get(name)) for name in ("street", "city", "state", "zip", "country"))
    return ", ".join(filter(None, lines))


def _edit(content: Fields) -> Message | None:
    """The words of an edit: of a text, or of the caption of a file, which stays as it was."""
    message = within(content, "edit")
    held = within(message, words(message.get("type")))
    text = words(held.get("body")) or words(held.get("caption"))
    return Text(Private(text), edited=True) if text else None


def _file(type_: str, content: Fields) -> Message | None:
    """A file; of one that Meta cannot give, as it is over 100 MB, the words beside it count."""
    (kind, usual), media = _FILES[type_], within(content, type_)
    handle, caption = words(media.get("id")), words(media.get("caption"))
    if not handle:
        return _words(type_, "caption", content)
    name = words(media.get("filename")) or kind.value
    media_type = words(media.get("mime_type")).partition(";")[0] or usual
    return Attachment(kind, Private(handle), Private(name), media_type, caption=Private(caption) if caption else None)


def _unsupported(content: Fields) -> Message:
    """What Meta says happened, and does not give; only of what was taken back nothing is said."""
    return Unsent() if within(content, "unsupported").get("type") == "revoke" else Unsupported()


_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "text": partial(_words, "text", "body"),
        "button": partial(_words, "button", "text"),
        "order": partial(_words, "order", "text"),
        "interactive": _interactive,
        "location": _pin,
        "reaction": _reaction,
        "contacts": _cards,
        "edit": _edit,
        "revoke": lambda _: Unsent(),
        "request_welcome": lambda _: Start(),
        "system": lambda _: Left(),  # the number and the id are another one's now, or nobody's
        "unsupported": _unsupported,
        **{type_: partial(_file, type_) for type_ in _FILES},
    }
)
