"""Viber, by its bots' REST API (https://developers.viber.com/docs/api/rest-bot-api/)."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape
from types import MappingProxyType
from typing import Any

from pydantic import Field, SecretStr

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import Fault
from bot.channels.items import Fields, Item, body_of, instant, picked, pin_of, within, words
from bot.channels.plan import Part
from bot.channels.proof import hex_hmac, is_same
from bot.channels.taps import tapped
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Answer, Call, Request, Response, json_object
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, ContactCard, Left, Message, Start, Text, Unsupported, Update
from bot.model.private import Private

NAME = "viber"
_SIGNATURE = "x-viber-content-signature"
_CANARY = "canary"
"""Viber names users by 24 characters of base64."""
_EVENTS = ("message", "subscribed", "unsubscribed", "conversation_started")
"""What we are called for. The first three come in any case; receipts, which tell when somebody reads, do not."""


class ViberAccount(Account):
    """A bot. Its messages bear a name that says nothing to who looks over a shoulder."""

    auth_token: SecretStr
    sender_name: str = Field("Messages", min_length=1, max_length=28)
    api_url: str = "https://chatapi.viber.com/pa"


class Viber(Vendor):
    """One bot."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=7000,
        max_file_bytes=26 * 1024 * 1024,
        pushes=True,
        erases=False,
        menus=(
            Menu("rows", most=12, label=250, body=5000),
            Menu("pairs", most=24, label=30, body=5000),
            Menu("threes", most=36, label=20, body=5000),
        ),
        place=Place.BESIDE,
        window=timedelta(hours=24),
        burst=100,
    )
    """12 rows; a narrow button crops what is longer than our label. Bodies keep a request of Khmer under 30 kB."""

    def __init__(self, account: ViberAccount, webhook_url: str) -> None:
        """Take our bot, and where Viber calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        self._files = ("https://",) if self._api.startswith("https://") else ("https://", "http://")

    # --- The way in ---

    def proves(self, call: Call) -> bool:
        """See `Vendor`."""
        return is_same(call.headers.get(_SIGNATURE, ""), hex_hmac(self._account.auth_token, call.body))

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: each call is one event."""
        return list(_items(body_of(call)))

    def reply(self, call: Call) -> Answer:
        """See `Vendor`: whoever opens the chat can be sent nothing until they write, but this one answer."""
        if not _is_stranger(json_object(call.body) or {}):
            return Answer()
        return Answer(content=json.dumps(self._welcome).encode(), media_type="application/json")

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        content = item.content
        return Update(
            item.dedupe,
            Address(NAME, Private(item.user)),
            self._said(content),
            language=words(content.get("language")) or None,
            sent_at=instant(content.get("timestamp"), 1000),
        )

    def _said(self, content: Fields) -> Message:
        return _OTHERS.get(words(content.get("event"))) or self._message(within(content, "message")) or Unsupported()

    def _message(self, message: Fields) -> Message | None:
        """Read a message (https://developers.viber.com/docs/api/rest-bot-api/#receive-message-from-user)."""
        type_ = words(message.get("type"))
        if type_ in _FILES:
            return _file(message) if words(message.get("media")).startswith(self._files) else None
        read = _READERS.get(type_)
        return read(message) if read else None

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        event = {
            "event": "message",
            "timestamp": time.time_ns() // 1_000_000,
            "message_token": id_,
            "sender": {"id": _CANARY},
            "message": {"type": "text", "text": words},
        }
        body = json.dumps(event).encode()
        return Call(
            "POST", self._webhook_url, headers={_SIGNATURE: hex_hmac(self._account.auth_token, body)}, body=body
        )

    # --- The way out ---

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://developers.viber.com/docs/api/rest-bot-api/#send-message)."""
        to = {"receiver": address.user.reveal()}
        return self._ask("send_message", to | self._text(part.text) | _keyboard(part))

    def _text(self, text: str) -> dict[str, Any]:
        return {"type": "text", "text": text, "sender": {"name": self._account.sender_name}}

    @property
    def _welcome(self) -> dict[str, Any]:
        """A sign that needs no language, and a button with which a chat begins without typing."""
        return {**self._text(_WAVE), "keyboard": _of_buttons([_button(6, "reply", _HELLO, _WAVE)])}

    def _ask(self, method: str, body: Mapping[str, Any]) -> Request:
        headers = {"x-viber-auth-token": self._account.auth_token.get_secret_value()}
        return Request(f"{self._api}/{method}", json=body, headers=headers)

    def outcome(self, response: Response) -> str:
        """See `Vendor`: refusals are answers with HTTP 200, and say so by their `status`."""
        code = _code(response)
        if response.is_success and code == 0:
            return words(response.json.get("message_token"))
        raise refused(response, code, _ERRORS)

    # --- Files, and the account ---

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: a signed link that anybody may follow, until it expires."""
        return Request(attachment.handle.reveal(), method="GET")

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`."""
        return [Inquiry(self._ask("get_account_info", {}), self._judged)]

    def _judged(self, response: Response) -> Fault | None:
        """Compare with what `registration` asked for; the kinds of calls that cannot be refused are not listed."""
        code, info = _code(response), response.json
        if not response.is_success or code != 0:
            return _FAULTS.get(code, Fault.UNREACHABLE)
        webhook, events = words(info.get("webhook")), info.get("event_types")
        if webhook not in ("", self._webhook_url):
            return Fault.WEBHOOK_ELSEWHERE
        return None if webhook and isinstance(events, list) and _EVENTS[-1] in events else Fault.NOT_SUBSCRIBED

    def registration(self) -> Sequence[Request]:
        """See `Vendor`; nobody's name or picture is wanted."""
        wish = {"url": self._webhook_url, "event_types": list(_EVENTS), "send_name": False, "send_photo": False}
        return [self._ask("set_webhook", wish)] if self._webhook_url else []

    def is_registered(self, response: Response) -> bool:
        """See `Vendor`: a refusal has the status 200."""
        return response.is_success and _code(response) == 0


def _is_opening(body: Fields) -> bool:
    """Tell whether somebody only opened the chat: whoever holds the phone must not make it speak."""
    return body.get("event") == "conversation_started"


def _is_stranger(body: Fields) -> bool:
    """Tell whether somebody opened the chat whom we may not write to yet."""
    return body.get("event") == "conversation_started" and body.get("subscribed") is not True


def _items(body: Fields) -> Iterator[Item]:
    """Give the event, if it is a reporter's; in a chat with others, into which a bot is called, it has a `chat_id`."""
    event, token = words(body.get("event")), words(body.get("message_token"))
    who = within(body, "sender") or within(body, "user") or {"id": body.get("user_id")}
    user = words(who.get("id"))
    if event not in _EVENTS or not user or not token or body.get("chat_id") or _is_opening(body):
        return
    content = picked(body, "event", "timestamp") | picked(who, "language")
    yield Item(f"{token}:{event}", user, content | {"message": _kept(within(body, "message"))})


_NESTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"location": ("lat", "lon"), "contact": ("name", "phone_number")}
)


def _kept(message: Fields) -> dict[str, Any]:
    """Give what is kept of a message: nothing of what it quotes, of tracking, or of a thumbnail."""
    nested = {name: picked(message[name], *kept) for name, kept in _NESTED.items() if name in message}
    return {**picked(message, "type", "text", "media", "file_name"), **nested}


_TAP = "#>"
"""Begins what a tapped button sends, which comes back like typed words; nobody types it, with a choice behind it."""
_HELLO, _PLACE = f"{_TAP}hello", f"{_TAP}place"
_SIGNS: Mapping[str, Message] = MappingProxyType({_HELLO: Start(), _PLACE: Unsupported()})
"""Taps that are no choices; that for a place says only this where an app cannot send one (on a desktop)."""
_WAVE, _PIN = "👋", "📍"


def _text(message: Fields) -> Message | None:
    text = message.get("text")
    if not isinstance(text, str):
        return None
    if text in _SIGNS:
        return _SIGNS[text]
    return tapped(text.removeprefix(_TAP)) if _is_tap(text) else Text(Private(text))


def _is_tap(text: str) -> bool:
    """Tell whether a text is a choice of ours: no blanks, all ASCII, and the mark between question and choice."""
    return text.startswith(_TAP) and text.isascii() and "|" in text and not any(map(str.isspace, text))


def _link(message: Fields) -> Message | None:
    return Text(Private(message["media"])) if isinstance(message.get("media"), str) else None


def _pin(message: Fields) -> Message | None:
    at = within(message, "location")
    return pin_of(at.get("lat"), at.get("lon"))


def _card(message: Fields) -> Message | None:
    card = within(message, "contact")
    lines = [line for line in (words(card.get("name")), words(card.get("phone_number"))) if line]
    return ContactCard(Private("\n".join(lines))) if lines else None


_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {"text": _text, "url": _link, "location": _pin, "contact": _card}
)
_OTHERS: Mapping[str, Message] = MappingProxyType({"subscribed": Start(), "unsubscribed": Left()})
_FILES = MappingProxyType({"picture": "image/jpeg", "video": "video/mp4", "file": "application/octet-stream"})
_KINDS = MappingProxyType({"image": PartKind.PHOTO, "video": PartKind.VIDEO, "audio": PartKind.VOICE})
_TYPES = MappingProxyType(
    {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
    | {"mp4": "video/mp4", "mov": "video/quicktime", "3gp": "video/3gpp", "webm": "video/webm"}
    | {"m4a": "audio/mp4", "mp3": "audio/mpeg", "ogg": "audio/ogg", "aac": "audio/aac", "amr": "audio/amr"}
    | {"pdf": "application/pdf"}
)
"""Viber names no media types: by the end of a name or of a link."""


def _file(message: Fields) -> Message:
    media, name, caption = (words(message.get(field)) for field in ("media", "file_name", "text"))
    end = (name or media.partition("?")[0]).rpartition(".")[2].lower()
    media_type = _TYPES.get(end, _FILES[message["type"]])
    kind = _KINDS.get(media_type.partition("/")[0], PartKind.FILE)
    said = Private(caption) if caption else None
    return Attachment(kind, Private(media), Private(name or kind.value), media_type, caption=said)


_COLUMNS = MappingProxyType({"rows": 6, "pairs": 3, "threes": 2})


def _keyboard(part: Part) -> dict[str, Any]:
    """Write the buttons of a message (https://developers.viber.com/docs/tools/keyboards/)."""
    if part.menu is None:
        return {}
    columns = _COLUMNS[part.menu.style]
    buttons = [_button(columns, "reply", _TAP + tap.payload, tap.label) for tap in part.buttons]
    if not part.place_label:
        return {"keyboard": _of_buttons(buttons)}
    place = _button(columns, "location-picker", _PLACE, f"{_PIN} {part.place_label}")
    return {"min_api_version": 3, "keyboard": _of_buttons([place, *buttons])}


def _of_buttons(buttons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": list(buttons)}


def _button(columns: int, action: str, body: str, label: str) -> dict[str, Any]:
    """Write a button, whose words are HTML; what was tapped is not shown in the chat, for phones are searched."""
    return {
        "Columns": columns,
        "Rows": 1,
        "ActionType": action,
        "ActionBody": body,
        "Text": escape(label, quote=False),
        "TextSize": "regular" if columns == 6 else "small",
        "Silent": action == "reply",
    }


def _code(response: Response) -> int | None:
    code = response.json.get("status")
    return code if isinstance(code, int) else None


_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **dict.fromkeys((2, 7, 8, 9, 10, 15), Verdict.TROUBLE),  # token; account blocked, gone, suspended; no webhook
        **dict.fromkeys((3, 4, 14, 16, 17, 22), Verdict.NEVER),  # not a message that Viber takes from us
        **dict.fromkeys((5, 6), Verdict.NEVER),  # no Viber user any more; left us, or never wrote
        **dict.fromkeys((11, 13, 21), Verdict.NEVER),  # no device for bots, an app too old for a button, the country
        **dict.fromkeys((23, 24), Verdict.NEVER),  # out of the 24 hours, and nothing free or no money left
        12: Verdict.SLOWER,
    }
)
"""https://creators.viber.com/docs/bots-api/errors"""
_FAULTS: Mapping[int | None, Fault] = MappingProxyType(
    {
        2: Fault.TOKEN_REVOKED,
        8: Fault.NO_SUCH_ACCOUNT,
        10: Fault.NOT_SUBSCRIBED,
        **dict.fromkeys((7, 9, 15), Fault.NO_PERMISSION),
    }
)
