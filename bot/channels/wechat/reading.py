"""What WeChat sends us, taken from its envelope and read. Pure.

https://developers.weixin.qq.com/doc/service/guide/product/message
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha1, sha256
from types import MappingProxyType
from xml.etree.ElementTree import ParseError

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from defusedxml.ElementTree import fromstring

from bot.channels.items import Fields, Item, instant, picked, pin_of, words
from bot.channels.proof import is_same
from bot.channels.taps import tapped
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Start, Text, Unsupported
from bot.model.private import Private


class Envelope:
    """What WeChat puts a message in (https://developers.weixin.qq.com/doc/service/guide/dev/push/encryption).

    AES-256 in CBC that begins with the key's first half; inside are 16 random bytes, a length, and whose it is.
    """

    def __init__(self, token: str, key: bytes, app_id: str) -> None:
        """Take what both sides know."""
        self._token, self._app_id = token, app_id.encode()
        self._cipher = Cipher(AES256(key), CBC(key[:16]))

    def signature(self, query: Mapping[str, str], *sealed: str) -> str:
        """Sign as WeChat does: with what is sealed, else only that it is WeChat who calls."""
        signed = sorted((self._token, query.get("timestamp", ""), query.get("nonce", ""), *sealed))
        return sha1("".join(signed).encode(errors="replace")).hexdigest()  # noqa: S324 - WeChat's choice

    def opened(self, sealed: str) -> bytes | None:
        """Give what is inside; None if it is no such thing, or for another account."""
        decryptor = self._cipher.decryptor()
        try:
            padded = decryptor.update(b64decode(sealed)) + decryptor.finalize()
        except ValueError:
            return None
        whole = padded[: -int.from_bytes(padded[-1:])]
        end = 20 + int.from_bytes(whole[16:20])
        return whole[20:end] if whole[end:] == self._app_id else None

    def proven(self, query: Mapping[str, str], body: bytes) -> bytes | None:
        """Give the message of a call, if WeChat signed it for us; nothing beside it is covered, and read."""
        sealed = _sealed_in(body)
        return self.opened(sealed) if is_same(query.get("msg_signature", ""), self.signature(query, sealed)) else None

    def sealed(self, xml: bytes) -> str:
        """Put a message in."""
        whole = secrets.token_bytes(16) + len(xml).to_bytes(4) + xml + self._app_id
        padding = 32 - len(whole) % 32
        encryptor = self._cipher.encryptor()
        return b64encode(encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()).decode()


_MOST_BYTES = 256 * 1024
"""Of a body that a stranger may have sent; what can be typed into WeChat is some kilobytes."""


def _sealed_in(body: bytes) -> str:
    """Find the sealed message of a body that ends where the envelope does."""
    if len(body) > _MOST_BYTES or not body.rstrip(b"\r\n").endswith(b"</xml>"):
        return ""
    return _elements(body).get("Encrypt", "")


_UNFIT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""Code points that XML cannot hold, and that somebody can type or paste all the same."""


def fields_of(message: bytes) -> dict[str, str]:
    """Read a message that WeChat signed; nothing of what is in no such form."""
    return _elements(message.decode(errors="replace").translate(_UNFIT).encode())


def _elements(xml: bytes) -> dict[str, str]:
    """Give the texts of all elements that hold no others; none of what is no XML, or has entities or a DTD."""
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        return {}
    return {one.tag: (one.text or "").strip() for one in root.iter() if not len(one)}


_READ = (
    *("MsgType", "Event", "CreateTime", "Content", "bizmsgmenuid", "MediaId", "Title", "Description"),
    *("Url", "Location_X", "Location_Y", "Label", "Latitude", "Longitude", "Precision"),
)
"""What is kept. Never what a machine heard in a voice message, or a photo's address, open to everybody who knows it."""


def items_of(fields: Mapping[str, str]) -> list[Item]:
    """Take a message apart: who, and what of it is kept; nothing of events in which nobody says anything."""
    kind, user = _kind(fields), fields.get("OpenID") or fields.get("FromUserName", "")
    if not user or not kind or (kind.startswith(_EVENT) and kind not in _READERS):
        return []
    more = ("EventKey",) if kind == _CLICK else ()  # of other events it says who sent them
    return [Item(_dedupe(fields), user, picked(fields, *_READ, *more))]


_EVENT = "event."
_CLICK = _EVENT + "click"


def _kind(fields: Fields) -> str:
    """Name messages by their type, and events by their own name."""
    type_ = words(fields.get("MsgType")).lower()
    return _EVENT + words(fields.get("Event")).lower() if type_ == "event" else type_


def _dedupe(fields: Mapping[str, str]) -> str:
    """Messages have an id. Events are known by who, when and what; hashed, for ids are stored in the clear."""
    known_by = [
        fields.get(name, "") for name in ("FromUserName", "OpenID", "CreateTime", "MsgType", "Event", "EventKey")
    ]
    return fields.get("MsgId") or sha256("\n".join(known_by).encode()).hexdigest()


def sent_at(content: Fields) -> datetime | None:
    """Give when a message was sent; WeChat counts in seconds."""
    return instant(content.get("CreateTime"))


def said(content: Fields) -> Message:
    """Say what a message is (https://developers.weixin.qq.com/doc/service/guide/product/message)."""
    read = _READERS.get(_kind(content))
    return (read(content) if read else None) or Unsupported()


_NOT_SHOWN = "【收到不支持的消息类型，暂无法显示】"
"""What WeChat makes of a sticker and of all else that it does not pass on."""


def _text(content: Fields) -> Message | None:
    """Read words; of a tapped menu its id, if it is one of ours."""
    tap = tapped(words(content.get("bizmsgmenuid")))
    match content:
        case {"Content": str(text)} if text != _NOT_SHOWN:
            return tap if tap.question else Text(Private(text))
        case _:
            return None


def _link(content: Fields) -> Message | None:
    lines = [words(content.get(name)) for name in ("Title", "Description", "Url")]
    return Text(Private("\n".join(filter(None, lines)))) if any(lines) else None


def _pin(lat: str, lon: str, content: Fields) -> Message | None:
    north, east, accuracy_m = (_number(content.get(name)) for name in (lat, lon, "Precision"))
    return pin_of(north, east, content.get("Label"), accuracy_m=accuracy_m)


def _number(held: object) -> float | None:
    """Read a number from XML, where all is text."""
    try:
        return float(words(held))
    except ValueError:
        return None


def _file(kind: PartKind, media_type: str, content: Fields) -> Message | None:
    handle = words(content.get("MediaId"))
    return Attachment(kind, Private(handle), Private(kind.value), media_type) if handle else None


_READERS: Mapping[str, Callable[[Fields], Message | None]] = MappingProxyType(
    {
        "text": _text,
        "image": partial(_file, PartKind.PHOTO, "image/jpeg"),
        "voice": partial(_file, PartKind.VOICE, "audio/amr"),
        "video": partial(_file, PartKind.VIDEO, "video/mp4"),
        "shortvideo": partial(_file, PartKind.VIDEO, "video/mp4"),
        "location": partial(_pin, "Location_X", "Location_Y"),
        "link": _link,
        "event.subscribe": lambda _: Start(),
        "event.scan": lambda _: Start(),
        "event.unsubscribe": lambda _: Left(),
        "event.user_authorization_cancellation": lambda _: Left(),  # of the whole WeChat account
        "event.location": partial(_pin, "Latitude", "Longitude"),
        "event.location_select": partial(_pin, "Location_X", "Location_Y"),
        _CLICK: lambda content: tapped(words(content.get("EventKey"))),
        "event.scancode_waitmsg": lambda _: Unsupported(),
    }
)
"""Of other messages we say that we cannot read them; other events are no reporter's words."""
