"""Vonage (https://developer.vonage.com/en/api/messages, and .../api/messages.v0 and .../api/sms for the older ones)."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any

from pydantic import SecretStr

from bot.channels.vonage.vendor import Vonage, VonageAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Pin, Text, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

SECRET = "signature-secret-of-nobody-at-all"
ACCOUNT = VonageAccount(
    api_key="abcd1234",
    api_secret=SecretStr("api-secret-of-nobody"),
    signature_secret=SecretStr(SECRET),
    application_id="78d335fa-323d-0114-9c3d-d6f0d48968cf",
    from_number="447700900000",
)
URL = "https://line.example/vonage/webhook"
VENDOR = Vonage(ACCOUNT, URL)

PROFILE = ("447700900000", "45601", "0.0333", "KEYWORD", "Sok Dara", "447700900002")

type Json = dict[str, Any]


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def claims(body: bytes, **changed: Any) -> Json:
    made: Json = {
        "iat": int(time.time()),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": ACCOUNT.api_key,
        "application_id": ACCOUNT.application_id,
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not None}


def token(claimed: Json, secret: str = SECRET, alg: str = "HS256", digest: str = "sha256") -> str:
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"typ": "JWT", "alg": alg}, claimed)]
    signed = ".".join(map(_base64url, parts))
    return f"{signed}.{_base64url(hmac.new(secret.encode(), signed.encode(), digest).digest())}"


def called(body: bytes, authorization: str) -> Call:
    return Call("POST", URL, {}, {"authorization": authorization, "content-type": "application/json"}, body)


def proven(body: bytes) -> Call:
    """Sign as Vonage does: a JSON Web Token in the header, with the hash of the body in it."""
    return called(body, f"Bearer {token(claims(body))}")


def _body(content: Json) -> Call:
    return proven(json.dumps(content, ensure_ascii=False).encode())


ID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
_HEAD = {"message_uuid": ID, "to": "447700900000", "from": "85512345678", "timestamp": "2025-02-03T12:14:25Z"}
_ORIGIN = {"origin": {"network_code": "45601"}}


def _sms(**content: Any) -> Call:
    more = {"sms": {"num_messages": "1", "keyword": "KEYWORD"}, "usage": {"currency": "EUR", "price": "0.0333"}}
    return _body({"channel": "sms", **_HEAD, "message_type": "text", **_ORIGIN, **more, **content})


def _mms(type_: str, **content: Any) -> Call:
    return _body({"channel": "mms", **_HEAD, "message_type": type_, **_ORIGIN, **content})


def _elsewhere(channel: str, **content: Any) -> Call:
    return _body({"channel": channel, **_HEAD, "message_type": "text", "text": "hi", **content})


def _old(channel: str, **content: Any) -> Call:
    """Give one as version 0.1 of the Messages API has it."""
    ends = {end: {"type": channel, "number": _HEAD[end]} for end in ("to", "from")}
    head = {"message_uuid": ID, "timestamp": "2020-01-01T14:00:00.000Z", "direction": "inbound"}
    return _body({**head, **ends, "message": {"content": content}})


def _sms_api(**content: Any) -> Call:
    """Give one as the SMS API has it."""
    head = {"api-key": "abcd1234", "msisdn": "85512345678", "to": "447700900000", "messageId": "0A0000000123ABCD1"}
    at = {"message-timestamp": "2020-01-01 12:00:00", "timestamp": "1577880000"}
    return _body({**head, "type": "text", "keyword": "KEYWORD", **at, "nonce": ID, **content})


def _part(number: str, text: str) -> Call:
    parts = {"concat": "true", "concat-ref": "1", "concat-total": "2", "concat-part": number}
    return _sms_api(**parts, text=text, type="unicode")


_URL = "https://api-us.nexmo.com/v3/media/1b456509-974c-458b-aafa-45fc48a4d976"
_OTHER = "https://api-us.nexmo.com/v3/media/6882bbe2-fe14-4e2f-910f-652beee058d4"


def _file(kind: PartKind, name: str, media_type: str, caption: str | None = None, url: str = _URL) -> Attachment:
    return Attachment(kind, Private(url), Private(name), media_type, caption=Private(caption) if caption else None)


SHAPES = {
    "text in Khmer": Shape(_sms(text="ជួយផង យើងនៅបាវិត"), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "text in Chinese": Shape(_sms(text="救命，我们被关在西港"), (Text(Private("救命，我们被关在西港")),)),
    "text in Burmese": Shape(_sms(text="ကူညီပါ"), (Text(Private("ကူညီပါ")),)),
    "text in Thai": Shape(_sms(text="ช่วยด้วย อยู่ปอยเปต"), (Text(Private("ช่วยด้วย อยู่ปอยเปต")),)),
    "long text, put together by Vonage": Shape(
        _sms(text="they took our phones " * 20, sms={"num_messages": "3", "keyword": "KEYWORD"}),
        (Text(Private("they took our phones " * 20)),),
    ),
    "only what is required": Shape(_body({"channel": "sms", **_HEAD, "text": "hi"}), (Text(Private("hi")),)),
    "stop, which Vonage gives as text": Shape(_sms(text="STOP"), (Text(Private("STOP")),)),
    "a number that answers a menu": Shape(_sms(text="២"), (Text(Private("២")),)),
    "emoji": Shape(_sms(text="👍"), (Text(Private("👍")),)),
    "empty": Shape(_sms(text=""), (Unsupported(),)),
    "MMS of text": Shape(_mms("text", text="hi"), (Text(Private("hi")),)),
    "image with words": Shape(
        _mms("image", image={"url": _URL, "name": "image.jpg", "caption": "the gate"}),
        (_file(PartKind.PHOTO, "image.jpg", "image/jpeg", "the gate"),),
    ),
    "image with words beside it": Shape(
        _mms("image", image={"url": _URL}, text="ประตู"),
        (_file(PartKind.PHOTO, "photo", "image/jpeg", "ประตู"),),
    ),
    "audio": Shape(
        _mms("audio", audio={"url": _URL, "name": "audio.amr"}),
        (_file(PartKind.VOICE, "audio.amr", "audio/amr"),),
    ),
    "video": Shape(
        _mms("video", video={"url": _URL, "name": "video.mp4"}),
        (_file(PartKind.VIDEO, "video.mp4", "video/mp4"),),
    ),
    "file": Shape(
        _mms("file", file={"url": _URL, "name": "file.pdf", "caption": "contract"}),
        (_file(PartKind.FILE, "file.pdf", "application/octet-stream", "contract"),),
    ),
    "contact": Shape(
        _mms("vcard", vcard={"url": _URL, "name": "contact.vcf"}),
        (_file(PartKind.FILE, "contact.vcf", "text/vcard"),),
    ),
    "several files": Shape(
        _mms(
            "image",
            image={"url": _URL, "caption": "both gates"},
            content=[{"type": "image", "url": _URL}, {"type": "audio", "url": _OTHER}],
        ),
        (
            _file(PartKind.PHOTO, "photo", "image/jpeg", "both gates"),
            _file(PartKind.VOICE, "voice", "audio/amr", url=_OTHER),
        ),
    ),
    "several files of which one is unknown": Shape(
        _mms("content", content=[{"type": "video", "url": _URL}, {"type": "hologram", "url": _OTHER}], text="look"),
        (_file(PartKind.VIDEO, "video", "video/mp4", "look"), Unsupported()),
    ),
    "file that anybody on the way could read": Shape(
        _mms("image", image={"url": "http://media.example/1"}, text="the gate"), (Text(Private("the gate")),)
    ),
    "file without an address": Shape(_mms("image", image={"name": "image.jpg"}), (Unsupported(),)),
    "location": Shape(
        _mms("location", location={"lat": 11.0665, "long": 106.1656, "name": "កាស៊ីណូ", "address": "Bavet"}),
        (Pin(11.0665, 106.1656, label=Private("កាស៊ីណូ\nBavet")),),
    ),
    "location off the globe": Shape(_mms("location", location={"lat": 1e9, "long": 0}), (Unsupported(),)),
    "unsupported": Shape(_mms("unsupported"), (Unsupported(),)),
    "MMS to a group": Shape(_mms("text", text="hi", mms={"participants": ["447700900002"]})),
    "version 0.1": Shape(_old("sms", type="text", text="ជួយផង"), (Text(Private("ជួយផង")),)),
    "MMS of version 0.1": Shape(
        _old("mms", type="image", image={"url": _URL, "caption": "the gate"}),
        (_file(PartKind.PHOTO, "photo", "image/jpeg", "the gate"),),
    ),
    "WhatsApp of version 0.1": Shape(_old("whatsapp", type="text", text="hi")),
    "SMS API": Shape(_sms_api(text="help us"), (Text(Private("help us")),)),
    "SMS API, first part of a long one": Shape(_part("1", "យើងនៅ"), (Text(Private("យើងនៅ")),)),
    "SMS API, last part of a long one": Shape(_part("2", "បាវិត"), (Text(Private("បាវិត")),)),
    "SMS API, binary": Shape(_sms_api(type="binary", data="0048", udh="050003BC0201"), (Unsupported(),)),
    "SMS API, delivery": Shape(
        _body({"msisdn": "85512345678", "to": "Line", "messageId": "0A0000001234567B", "status": "delivered"})
    ),
    "delivered": Shape(
        _body({"channel": "sms", **_HEAD, "status": "delivered", "destination": {"network_code": "45601"}})
    ),
    "refused by the network": Shape(
        _body(
            {
                "channel": "sms",
                **_HEAD,
                "status": "rejected",
                "error": {"type": "https://developer.vonage.com/api-errors/messages#1240", "title": "1240"},
            }
        )
    ),
    "WhatsApp": Shape(_elsewhere("whatsapp", profile={"name": "Sok Dara"}, context_status="none")),
    "Viber": Shape(_elsewhere("viber_service")),
    "Messenger": Shape(_elsewhere("messenger")),
    "RCS": Shape(_elsewhere("rcs", context_status="none")),
    "call of another of Vonage's products": Shape(
        _body({"uuid": ID, "conversation_uuid": "CON-1", "status": "answered", "direction": "inbound"})
    ),
}
