"""WhatsApp, by Meta's Cloud API (https://developers.facebook.com/docs/whatsapp/cloud-api)."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.channels import meta
from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.items import Fields, Item, objects, picked, within, words
from bot.channels.meta import MetaAccount
from bot.channels.plan import Part
from bot.channels.taps import tapped
from bot.channels.text import code_points
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Answer, Call, Request, Response, json_object
from bot.errors import UpdateError
from bot.model.codes import PartKind
from bot.model.message import (
    Address,
    Attachment,
    ContactCard,
    Left,
    Message,
    Pin,
    Start,
    Text,
    Unsent,
    Unsupported,
    Update,
)
from bot.model.private import Private

NAME = "whatsapp"
_CANARY = "canary"
"""Vendors name users by digits, or by a country, a dot and letters."""


class WhatsAppAccount(MetaAccount):
    """A number of a WhatsApp Business account."""

    phone_number_id: str


class WhatsApp(Vendor):
    """One number."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=4096,
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=code_points,
        menus=(
            Menu("button", most=3, label=20, body=1024, unit=code_points),
            Menu("list", most=10, label=24, body=1024, unit=code_points),
        ),
        place=Place.OWN,
        window=timedelta(hours=24),
    )

    def __init__(self, account: WhatsAppAccount, webhook_url: str) -> None:
        """Take our number and its credentials, and where Meta calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        self._bearer = {"authorization": "Bearer " + account.token.get_secret_value()}

    def proves(self, call: Call) -> bool:
        """See `Vendor`."""
        return meta.proves(self._account.app_secret, call)

    def greeting(self, call: Call) -> Answer | None:
        """See `Vendor`."""
        return meta.greeting(self._account.verify_token, call)

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: each message of each change of each entry that is for our number."""
        body = json_object(call.body)
        if body is None:
            raise UpdateError("not in Meta's form")
        return [item for value in _values(body) if self._is_ours(value) for item in _items(value)]

    def _is_ours(self, value: Fields) -> bool:
        return within(value, "metadata").get("phone_number_id") == self._account.phone_number_id

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        content = item.content
        return Update(item.dedupe, Address(NAME, Private(item.user)), _said(content), sent_at=_time(content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        message = {
            "from": _CANARY,
            "id": id_,
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": words},
        }
        metadata = {"phone_number_id": self._account.phone_number_id}
        change = {
            "field": "messages",
            "value": {"messaging_product": NAME, "metadata": metadata, "messages": [message]},
        }
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}).encode()
        return Call("POST", self._webhook_url, headers=meta.signature(self._account.app_secret, body), body=body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages)."""
        url = f"{self._api}/{self._account.phone_number_id}/messages"
        return Request(url, json={"messaging_product": NAME, **_to(address), **_content(part)}, headers=self._bearer)

    def outcome(self, response: Response) -> str:
        """See `Vendor`."""
        if response.is_success:
            sent = objects(response.json.get("messages"))
            return words(sent[0].get("id")) if sent else ""
        raise refused(response, meta.code(response), _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: the id, of which the answer says where the file is, for five minutes."""
        return Request(f"{self._api}/{attachment.handle.reveal()}", headers=self._bearer, method="GET")

    def file_behind(self, response: Response) -> Request | None:
        """See `Vendor`."""
        url = response.json.get("url") if response.is_success else None
        return Request(url, headers=self._bearer, method="GET") if isinstance(url, str) else None

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`."""
        number = Request(f"{self._api}/{self._account.phone_number_id}", headers=self._bearer, method="GET")
        return [Inquiry(number, meta.judged)]


def _values(body: Fields) -> Iterator[dict[str, Any]]:
    for entry in objects(body.get("entry")):
        for change in objects(entry.get("changes")):
            if change.get("field") == "messages" and isinstance(change.get("value"), dict):
                yield change["value"]


_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "image": (PartKind.PHOTO, "image/jpeg"),
        "audio": (PartKind.VOICE, "audio/ogg"),
        "voice": (PartKind.VOICE, "audio/ogg"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "document": (PartKind.FILE, "application/octet-stream"),
    }
)
_READ = ("type", "timestamp", "text", "interactive", "button", "location", "contacts", "reaction", "edit", *_FILES)
"""What is kept of a message; its context and referral say nothing that a report needs."""


def _items(value: Fields) -> Iterator[Item]:
    """Give the messages of one change: a user's id within our business where Meta gives one, else the number."""
    for message in objects(value.get("messages")):
        user, id_ = words(message.get("from_user_id")) or words(message.get("from")), words(message.get("id"))
        if user and id_ and not message.get("group_id"):
            yield Item(id_, user, picked(message, *_READ))


def _time(content: Fields) -> datetime | None:
    stamp = words(content.get("timestamp"))
    return datetime.fromtimestamp(int(stamp), UTC) if stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else None


def _said(content: Fields) -> Message:
    """Say what a message is (https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages)."""
    read = _READERS.get(words(content.get("type")))
    return (read(content) if read else None) or Unsupported()


def _text(content: Fields) -> Message | None:
    match content:
        case {"text": {"body": str(text)}} | {"button": {"text": str(text)}}:
            return Text(Private(text))
        case _:
            return None


def _tap(content: Fields) -> Message | None:
    match content:
        case {"interactive": {"button_reply": {"id": str(id_)}} | {"list_reply": {"id": str(id_)}}}:
            return tapped(id_)
        case _:
            return None


def _pin(content: Fields) -> Message | None:
    match content:
        case {"location": {"latitude": int() | float() as lat, "longitude": int() | float() as lon}}:
            return Pin(float(lat), float(lon))
        case _:
            return None


def _reaction(content: Fields) -> Message:
    """A reaction is an answer; one without an emoji takes it back."""
    emoji = words(within(content, "reaction").get("emoji"))
    return Text(Private(emoji)) if emoji else Unsent()


def _cards(content: Fields) -> Message:
    return ContactCard(Private("\n\n".join(map(_card, objects(content.get("contacts"))))))


def _card(card: Fields) -> str:
    phones = [words(phone.get("phone")) for phone in objects(card.get("phones"))]
    return "\n".join(line for line in (words(within(card, "name").get("formatted_name")), *phones) if line)


def _edit(content: Fields) -> Message | None:
    text = within(within(within(content, "edit"), "message"), "text").get("body")
    return Text(Private(text), edited=True) if isinstance(text, str) else None


def _file(type_: str, content: Fields) -> Message | None:
    (kind, usual), media = _FILES[type_], within(content, type_)
    handle, caption = words(media.get("id")), words(media.get("caption"))
    if not handle:
        return None
    name = words(media.get("filename")) or kind.value
    media_type = words(media.get("mime_type")).partition(";")[0] or usual
    return Attachment(kind, Private(handle), Private(name), media_type, caption=Private(caption) if caption else None)


_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "text": _text,
        "button": _text,
        "interactive": _tap,
        "location": _pin,
        "reaction": _reaction,
        "contacts": _cards,
        "edit": _edit,
        "revoke": lambda _: Unsent(),
        "request_welcome": lambda _: Start(),
        "system": lambda _: Left(),  # the number is another one's now, or will be
        **{type_: partial(_file, type_) for type_ in _FILES},
    }
)


def _to(address: Address) -> dict[str, str]:
    """Address somebody: an id within our business goes in `recipient`; in `to` it would be dropped without a word."""
    user = address.user.reveal()
    return {"recipient": user} if "." in user else {"to": user}


def _content(part: Part) -> dict[str, Any]:
    if part.place_label:
        interactive = {
            "type": "location_request_message",
            "body": {"text": part.text},
            "action": {"name": "send_location"},
        }
        return {"type": "interactive", "interactive": interactive}
    if part.menu is None:
        return {"type": "text", "text": {"body": part.text, "preview_url": False}}
    action = _list if part.menu.style == "list" else _buttons
    return {
        "type": "interactive",
        "interactive": {"type": part.menu.style, "body": {"text": part.text}, "action": action(part)},
    }


def _buttons(part: Part) -> dict[str, Any]:
    return {"buttons": [{"type": "reply", "reply": {"id": tap.payload, "title": tap.label}} for tap in part.buttons]}


def _list(part: Part) -> dict[str, Any]:
    rows = [{"id": tap.payload, "title": tap.label} for tap in part.buttons]
    return {"button": _OPEN, "sections": [{"rows": rows}]}


_OPEN = "☰"
"""The words on the button that opens a list: a sign that needs no language."""
_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **meta.ERRORS,
        130429: Verdict.SLOWER,  # throughput
        131056: Verdict.SLOWER,  # too many to this reporter
        131048: Verdict.SLOWER,
        80007: Verdict.SLOWER,
        131016: Verdict.LATER,
        131026: Verdict.NEVER,  # not reachable
        131047: Verdict.NEVER,  # more than 24 hours
        131030: Verdict.TROUBLE,  # not in the list of a test number
        131031: Verdict.TROUBLE,  # account locked
        133010: Verdict.TROUBLE,  # number not registered
    }
)
"""https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes"""
