"""Viber (https://developers.viber.com/docs/api/rest-bot-api/#callbacks, https://creators.viber.com/docs/bots-api/events)."""

import hmac
import json
from typing import Any

from pydantic import SecretStr

from bot.channels.viber.vendor import Viber, ViberAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, ContactCard, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
URL = "https://line.example/viber/webhook"
ACCOUNT = ViberAccount(auth_token=SecretStr(TOKEN))
VENDOR = Viber(ACCOUNT, URL)

PROFILE = ("Sok Dara", "avatar.example", "KH-country", "where we were", "thumb", "SN-149", "from a poster")

USER = "jc9HsWTZ2Yf2NkRZ8KcNug=="
TOKEN_OF_MESSAGE = 4912661846655238145

type Json = dict[str, Any]


def proven(body: bytes) -> Call:
    """Sign as Viber does."""
    headers = {
        "x-viber-content-signature": hmac.digest(TOKEN.encode(), body, "sha256").hex(),
        "content-type": "application/json",
    }
    return Call("POST", URL + "?sig=0", {"sig": "0"}, headers, body)


def _event(event: str, **more: Any) -> Call:
    head = {"event": event, "timestamp": 1457764197627, "chat_hostname": "SN-149_", "message_token": TOKEN_OF_MESSAGE}
    return proven(json.dumps({**head, **more}, ensure_ascii=False).encode())


def _person(**more: Any) -> Json:
    return {
        "id": USER,
        "name": "Sok Dara",
        "avatar": "https://avatar.example/dara.jpg",
        "country": "KH-country",
        "language": "km",
        "api_version": 10,
        **more,
    }


def _message(content: Json, **more: Any) -> Call:
    tracked = {**content, "tracking_data": "where we were"}
    return _event("message", **{"sender": _person(), "message": tracked, "silent": False, **more})


def _typed(text: str) -> tuple[Message, ...]:
    return (Text(Private(text)),)


def _file(kind: PartKind, handle: str, name: str, media_type: str, caption: str | None = None) -> tuple[Message, ...]:
    said = Private(caption) if caption else None
    return (Attachment(kind, Private(handle), Private(name), media_type, caption=said),)


_MEDIA = "https://dl-media.viber.com/3/media/2/short/any/sig"
_SIGNED = "?Expires=1670587915&Signature=lL-WcChyM7euIgIZT80V&Key-Pair-Id=APKAJ62UNSBCMEIPV4HA"
_PHOTO = f"{_MEDIA}/image/0x0/d793/1e188b51.jpg{_SIGNED}"
_PNG = f"{_MEDIA}/image/0x0/d793/1e188b52.png{_SIGNED}"
_VIDEO = f"{_MEDIA}/video/0x0/26ce/c1270f0c.mp4{_SIGNED}"
_OTHER = f"{_MEDIA}/file/0x0/11aa/77fe0d21{_SIGNED}"

SHAPES = {
    "text": Shape(_message({"type": "text", "text": "ជួយផង យើងនៅបាវិត"}), _typed("ជួយផង យើងនៅបាវិត")),
    "text in Burmese": Shape(_message({"type": "text", "text": "ကျွန်တော်တို့ ၁၂ ယောက်"}), _typed("ကျွန်တော်တို့ ၁၂ ယောက်")),
    "text in Thai": Shape(_message({"type": "text", "text": "ช่วยด้วย ถูกขังอยู่ที่ปอยเปต"}), _typed("ช่วยด้วย ถูกขังอยู่ที่ปอยเปต")),
    "text in Chinese": Shape(_message({"type": "text", "text": "我们被关在西港"}), _typed("我们被关在西港")),
    "text of a signal of an emoji": Shape(_message({"type": "text", "text": "🆘"}), _typed("🆘")),
    "text whose token is text": Shape(
        _message({"type": "text", "text": "hi"}, message_token="912661846655238145"), _typed("hi")
    ),
    "text with the mark of a choice": Shape(_message({"type": "text", "text": "yes|no"}), _typed("yes|no")),
    "text that begins like a tap": Shape(
        _message({"type": "text", "text": "#> 12|13 people"}), _typed("#> 12|13 people")
    ),
    "text that begins like a tap and has no choice": Shape(_message({"type": "text", "text": "#>"}), _typed("#>")),
    "text without words": Shape(_message({"type": "text"}), (Unsupported(),)),
    "of somebody without a picture": Shape(
        _message({"type": "text", "text": "hi"}, sender={"id": USER, "name": "Sok Dara"}), _typed("hi")
    ),
    "button": Shape(
        _message({"type": "text", "text": "#>ask_safe|yes"}, silent=True, reply_type="message"),
        (Chosen("yes", "ask_safe"),),
    ),
    "button of a place": Shape(
        _message({"type": "text", "text": "#>ask_province|province:KH-20"}, silent=True),
        (Chosen("province:KH-20", "ask_province"),),
    ),
    "button of no question": Shape(_message({"type": "text", "text": "#>|language:km"}), (Chosen("language:km"),)),
    "button of the welcome": Shape(_message({"type": "text", "text": "#>hello"}, silent=True), (Start(),)),
    "button for a place where no place can be sent": Shape(
        _message({"type": "text", "text": "#>place"}), (Unsupported(),)
    ),
    "picture": Shape(
        _message(
            {"type": "picture", "text": "the gate", "media": _PHOTO, "thumbnail": f"{_MEDIA}/thumb/1.jpg", "size": 81}
        ),
        _file(PartKind.PHOTO, _PHOTO, "photo", "image/jpeg", "the gate"),
    ),
    "picture without words": Shape(
        _message({"type": "picture", "text": "", "media": _PNG}), _file(PartKind.PHOTO, _PNG, "photo", "image/png")
    ),
    "picture without a link": Shape(_message({"type": "picture", "text": ""}), (Unsupported(),)),
    "picture by a link that is open to all on the way": Shape(
        _message({"type": "picture", "text": "", "media": "http://dl-media.viber.com/1.jpg"}), (Unsupported(),)
    ),
    "video": Shape(
        _message({"type": "video", "media": _VIDEO, "thumbnail": f"{_MEDIA}/thumb/2.jpg", "size": 9, "duration": 10}),
        _file(PartKind.VIDEO, _VIDEO, "video", "video/mp4"),
    ),
    "file": Shape(
        _message({"type": "file", "media": _OTHER, "size": 1024, "file_name": "កិច្ចសន្យា.pdf"}),
        _file(PartKind.FILE, _OTHER, "កិច្ចសន្យា.pdf", "application/pdf"),
    ),
    "file that is a recording": Shape(
        _message({"type": "file", "media": _OTHER, "size": 1024, "file_name": "voice.M4A"}),
        _file(PartKind.VOICE, _OTHER, "voice.M4A", "audio/mp4"),
    ),
    "file that is a photo": Shape(
        _message({"type": "file", "media": _OTHER, "size": 1024, "file_name": "IMG_01.jpeg"}),
        _file(PartKind.PHOTO, _OTHER, "IMG_01.jpeg", "image/jpeg"),
    ),
    "location": Shape(
        _message({"type": "location", "location": {"lat": 11.0665, "lon": 106.1656}}), (Pin(11.0665, 106.1656),)
    ),
    "location without numbers": Shape(
        _message({"type": "location", "location": {"lat": "11.0665", "lon": None}}), (Unsupported(),)
    ),
    "contact": Shape(
        _message(
            {
                "type": "contact",
                "contact": {
                    "name": "Agent Lee",
                    "phone_number": "+85512999888",
                    "avatar": "https://avatar.example/lee.jpg",
                },
            }
        ),
        (ContactCard(Private("Agent Lee\n+85512999888")),),
    ),
    "link": Shape(
        _message({"type": "url", "media": "https://maps.example/@11.06,106.16"}),
        _typed("https://maps.example/@11.06,106.16"),
    ),
    "sticker": Shape(_message({"type": "sticker", "sticker_id": 40133}), (Unsupported(),)),
    "cards of another bot": Shape(
        _message({"type": "rich_media", "rich_media": {"Type": "rich_media", "Buttons": []}}), (Unsupported(),)
    ),
    "of a type that nobody knows yet": Shape(_message({"type": "poll", "poll": {}}), (Unsupported(),)),
    "message without a message": Shape(_event("message", sender=_person()), (Unsupported(),)),
    "opened the chat and may be written to": Shape(
        _event("conversation_started", type="open", context="from a poster", user=_person(), subscribed=True)
    ),
    "opened the chat and may not be written to yet": Shape(
        _event("conversation_started", type="open", context="from a poster", user=_person(), subscribed=False)
    ),
    "subscribed": Shape(_event("subscribed", user=_person()), (Start(),)),
    "unsubscribed": Shape(_event("unsubscribed", user_id=USER), (Left(),)),
    "the call that proves our address": Shape(_event("webhook")),
    "delivered": Shape(_event("delivered", user_id=USER)),
    "seen": Shape(_event("seen", user_id=USER)),
    "failed": Shape(_event("failed", user_id=USER, desc="message validation failed")),
    "is about to pay": Shape(
        _event("client_status", user=_person(), status={"type": "payment", "code": 0, "supported_psps": ["LiqPay"]})
    ),
    "called into a chat with others": Shape(
        _message({"type": "text", "text": "hi"}, chat_id="O_h4hR9J5WbsSGg6I6KW7YHw==", reply_type="query")
    ),
}
