"""Messenger (https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events)."""

import hashlib
import hmac
import json
from typing import Any

from pydantic import SecretStr

from bot.channels.messenger.vendor import Messenger, MessengerAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, Left, Pin, Start, Text, Unsent, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

SECRET = "app-secret-of-nobody"
PAGE, PERSON = "682498302938465", "5275811702471834"
ACCOUNT = MessengerAccount(
    token=SecretStr("EAAfake"),
    app_secret=SecretStr(SECRET),
    verify_token=SecretStr("typed-into-the-console"),
    page_id=PAGE,
)
VENDOR = Messenger(ACCOUNT, "https://line.example/messenger/webhook")

PROFILE = ("Sok Dara", "poster-of-a-station", "Jobs abroad", "m_quoted", "dara@example.org", "OTN-token", "en_XX")

type Json = dict[str, Any]


def proven(body: bytes) -> Call:
    """Sign as Meta does."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
    return Call("POST", "https://line.example/messenger/webhook", {}, headers, body)


def _entries(*entries: Json) -> Call:
    return proven(json.dumps({"object": "page", "entry": list(entries)}).encode())


def _entry(**held: Any) -> Json:
    return {"id": PAGE, "time": 1749416383594, **held}


def _event(**held: Any) -> Json:
    return {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": 1749416383308, **held}


def _events(*events: Json) -> Call:
    return _entries(_entry(messaging=list(events)))


def _message(**held: Any) -> Json:
    return _event(message={"mid": "m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8", **held})


def _one(**held: Any) -> Call:
    return _events(_message(**held))


def _postback(**held: Any) -> Call:
    return _events(_event(postback={"mid": "m_MxpSM8gzfmZhNsFQqk3_WcLJFQlVCwVrALniheU", **held}))


def _attached(*attachments: Json) -> Call:
    return _one(attachments=list(attachments))


def _media(type_: str, url: str) -> Json:
    return {"type": type_, "payload": {"url": url}}


def _file(kind: PartKind, url: str, name: str, media_type: str) -> Attachment:
    return Attachment(kind, Private(url), Private(name), media_type)


_CDN = "https://cdn.example/v/t1.15752-9/476121_n"
_PHOTO = _file(PartKind.PHOTO, f"{_CDN}.jpg?_nc_cat=1&oh=03_Q7cD", "photo", "image/jpeg")
_ADVERT = {"ad_title": "Jobs abroad", "photo_url": "https://cdn.example/ad.jpg", "post_id": "1"}
_REFERRAL = {"ref": "poster-of-a-station", "source": "SHORTLINK", "type": "OPEN_THREAD"}
_STICKER = {"url": "https://cdn.example/39178562_1505197616293642_n.png", "sticker_id": 369239263222822}

SHAPES = {
    "text": Shape(_one(text="ជួយផង យើងនៅបាវិត"), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "text in Chinese": Shape(
        _one(text="我们被关在西港，护照被收走了"), (Text(Private("我们被关在西港，护照被收走了")),)
    ),
    "text in Burmese, with what Meta read in it": Shape(
        _one(text="ကယ်ပါ", nlp={"detected_locales": [{"locale": "en_XX", "confidence": 0.9}]}),
        (Text(Private("ကယ်ပါ")),),
    ),
    "answer to a message of ours": Shape(
        _one(text="ใช่", reply_to={"mid": "m_quoted", "is_self_reply": False}), (Text(Private("ใช่")),)
    ),
    "came by an advertisement": Shape(
        _one(text="hi", referral={"source": "ADS", "type": "OPEN_THREAD", "ads_context_data": _ADVERT}),
        (Text(Private("hi")),),
    ),
    "quick reply": Shape(_one(text="បាទ/ចាស", quick_reply={"payload": "ask_safe|yes"}), (Chosen("yes", "ask_safe"),)),
    "quick reply of another program": Shape(
        _one(text="dara's address", quick_reply={"payload": "dara@example.org"}), (Text(Private("dara's address")),)
    ),
    "get started": Shape(_postback(title="Get Started", payload="start"), (Start(),)),
    "get started by a link": Shape(_postback(title="Get Started", payload="start", referral=_REFERRAL), (Start(),)),
    "tapped a button of ours": Shape(
        _postback(title="Svay Rieng", payload="ask_province|province:KH-20"),
        (Chosen("province:KH-20", "ask_province"),),
    ),
    "tapped a question that the page offers": Shape(
        _postback(title="Can you help me?", payload="FAQ_1"), (Text(Private("Can you help me?")),)
    ),
    "tapped, of a time in seconds": Shape(
        _events({**_event(postback={"title": "Get Started", "payload": "start"}), "timestamp": "1749416383"}),
        (Start(),),
    ),
    "image": Shape(_attached(_media("image", f"{_CDN}.jpg?_nc_cat=1&oh=03_Q7cD")), (_PHOTO,)),
    "voice message": Shape(
        _attached(_media("audio", f"{_CDN}.mp4?oh=1")),
        (_file(PartKind.VOICE, f"{_CDN}.mp4?oh=1", "voice", "audio/mp4"),),
    ),
    "video": Shape(
        _attached(_media("video", f"{_CDN}.mp4?oh=2")),
        (_file(PartKind.VIDEO, f"{_CDN}.mp4?oh=2", "video", "video/mp4"),),
    ),
    "file": Shape(
        _attached(_media("file", "https://cdn.example/v/my%20contract.pdf?oh=3")),
        (
            _file(
                PartKind.FILE,
                "https://cdn.example/v/my%20contract.pdf?oh=3",
                "my contract.pdf",
                "application/octet-stream",
            ),
        ),
    ),
    "two images and words": Shape(
        _one(
            text="the gate",
            attachments=[_media("image", f"{_CDN}.jpg?_nc_cat=1&oh=03_Q7cD"), _media("image", f"{_CDN}.png")],
        ),
        (Text(Private("the gate")), _PHOTO, _file(PartKind.PHOTO, f"{_CDN}.png", "photo", "image/jpeg")),
    ),
    "location, of an old app": Shape(
        _attached(
            {
                "title": "Sok Dara's Location",
                "url": "https://maps.example/",
                "type": "location",
                "payload": {"coordinates": {"lat": 11.0665, "long": 106.1656}},
            }
        ),
        (Pin(11.0665, 106.1656),),
    ),
    "a link with its preview": Shape(
        _one(
            text="look https://jobs.example/kh",
            attachments=[{"type": "fallback", "payload": {"url": "https://jobs.example/kh", "title": "Work"}}],
        ),
        (Text(Private("look https://jobs.example/kh")),),
    ),
    "shared from elsewhere": Shape(
        _attached({"type": "fallback", "payload": {"url": "https://jobs.example/kh", "title": "งานดี"}}),
        (Text(Private("งานดี\nhttps://jobs.example/kh")),),
    ),
    "shared, as before 2020": Shape(
        _attached({"title": "Work", "url": "https://jobs.example/kh", "type": "fallback", "payload": None}),
        (Text(Private("Work\nhttps://jobs.example/kh")),),
    ),
    "shared what cannot be shown": Shape(_attached({"type": "fallback"}), (Unsupported(),)),
    "reel": Shape(
        _attached({"type": "reel", "payload": {"title": "Casino", "url": "https://v.example/1", "reel_video_id": 1}}),
        (Text(Private("Casino\nhttps://v.example/1")),),
    ),
    "reel of Instagram": Shape(
        _attached({"type": "ig_reel", "payload": {"url": "https://v.example/2"}}),
        (Text(Private("https://v.example/2")),),
    ),
    "template": Shape(
        _attached({"type": "template", "payload": {"product": {"elements": [{"id": "1", "title": "x"}]}}}),
        (Unsupported(),),
    ),
    "thumb": Shape(_attached({"type": "image", "payload": _STICKER}), (Text(Private("👍")),)),
    "thumb, in two forms": Shape(
        _attached({"type": "image", "payload": _STICKER}, {"type": "sticker", "payload": _STICKER}),
        (Text(Private("👍")),),
    ),
    "sticker": Shape(
        _attached({"type": "sticker", "payload": {"sticker_id": "767226160478561"}}),
        (Unsupported(),),
    ),
    "of a kind that is not known": Shape(_attached({"type": "appointment_booking", "payload": {}}), (Unsupported(),)),
    "nothing that Meta can show": Shape(_one(), (Unsupported(),)),
    "reaction": Shape(
        _events(_event(reaction={"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_quoted"})),
        (Text(Private("❤️")),),
    ),
    "reaction taken back": Shape(
        _events(_event(reaction={"reaction": "love", "action": "unreact", "mid": "m_quoted"})), (Unsent(),)
    ),
    "edited": Shape(
        _events(_event(message_edit={"mid": "m_quoted", "text": "Poipet, not Bavet", "num_edit": 1})),
        (Text(Private("Poipet, not Bavet"), edited=True),),
    ),
    "taken back": Shape(_one(is_deleted=True), (Unsent(),)),
    "came back by a link": Shape(_events(_event(referral=_REFERRAL)), (Start(),)),
    "came back by an advertisement": Shape(
        _events(_event(referral={"source": "ADS", "type": "OPEN_THREAD", "ads_context_data": _ADVERT})), (Start(),)
    ),
    "opted in": Shape(_events(_event(optin={"ref": "poster-of-a-station", "user_ref": "OTN-token"})), (Start(),)),
    "opted out": Shape(
        _events(
            _event(
                optin={
                    "type": "notification_messages",
                    "notification_messages_token": "OTN-token",
                    "notification_messages_status": "STOP_NOTIFICATIONS",
                }
            )
        ),
        (Left(),),
    ),
    "several at once": Shape(
        _entries(
            _entry(messaging=[_message(text="one"), _event(message={"mid": "m_2", "text": "two"})]),
            _entry(messaging=[_event(message={"mid": "m_3", "text": "three"})]),
        ),
        (Text(Private("one")), Text(Private("two")), Text(Private("three"))),
    ),
    "for another program on the page": Shape(
        _entries(_entry(standby=[_message(text="ช่วยด้วย"), _event(postback={"title": "Buy"}), _event(read={})])),
        (Text(Private("ช่วยด้วย")),),
    ),
    "as a change": Shape(
        _entries(_entry(changes=[{"field": "messages", "value": _message(text="hi")}])), (Text(Private("hi")),)
    ),
    "something new of a person": Shape(_events(_event(in_thread_form={"answers": ["Sok Dara"]})), (Unsupported(),)),
    "call": Shape(
        _entries(
            _entry(
                calls=[
                    {"id": "c_M5YPhGE5jm0L", "to": PAGE, "from": PERSON, "event": "connect", "timestamp": 1749416383},
                    {"id": "c_M5YPhGE5jm0L", "to": PAGE, "from": PERSON, "event": "terminate", "timestamp": 1749416399},
                ]
            )
        ),
        (Unsupported(),),
    ),
    "comment below a post of the page": Shape(
        _entries(
            _entry(
                changes=[
                    {
                        "field": "feed",
                        "value": {"from": {"id": "1", "name": "Sok Dara"}, "item": "comment", "verb": "add"},
                    }
                ]
            )
        )
    ),
    "echo": Shape(
        _events(
            {
                "sender": {"id": PAGE},
                "recipient": {"id": PERSON},
                "timestamp": 1749416383308,
                "message": {"mid": "m_echo", "text": "Are you safe?", "is_echo": True, "app_id": 1517776481860111},
            }
        )
    ),
    "delivered": Shape(_events(_event(delivery={"mids": ["m_quoted"], "watermark": 1749416383308}))),
    "read": Shape(_events(_event(read={"watermark": 1749416383308}))),
    "account linked": Shape(_events(_event(account_linking={"status": "linked", "authorization_code": "x"}))),
    "chat passed to us": Shape(
        _events(_event(pass_thread_control={"new_owner_app_id": "123456789", "metadata": "Sok Dara"}))
    ),
    "roles of programs": Shape(_events({"recipient": {"id": PAGE}, "app_roles": {"123456789": ["primary_receiver"]}})),
    "warned by Meta": Shape(
        _events({"recipient": {"id": PAGE}, "policy_enforcement": {"action": "warning", "reason": "spam"}})
    ),
    "of another page of ours": Shape(
        _entries({**_entry(messaging=[_message(text="hi")]), "id": "1067280970047460"}),
    ),
}
