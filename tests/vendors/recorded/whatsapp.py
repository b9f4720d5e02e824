"""WhatsApp (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages)."""

import hashlib
import hmac
import json
from typing import Any

from pydantic import SecretStr

from bot.channels.whatsapp.vendor import WhatsApp, WhatsAppAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, ContactCard, Left, Pin, Start, Text, Unsent, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

SECRET = "app-secret-of-nobody"
ACCOUNT = WhatsAppAccount(
    token=SecretStr("EAAfake"),
    app_secret=SecretStr(SECRET),
    verify_token=SecretStr("typed-into-the-console"),
    phone_number_id="106540352242922",
    business_account_id="102290129340398",
)
VENDOR = WhatsApp(ACCOUNT, "https://line.example/whatsapp/webhook")

PROFILE = ("Sok Dara", "sokdara.bavet", "85512345678", "85598765432", "fb.me", "lookaside", "wamid.ours", "DF2lS5v2W6x")

USER, NEXT = "KH.13491208655302741918", "KH.20000000000000000003"

type Json = dict[str, Any]


def proven(body: bytes) -> Call:
    """Sign as Meta does."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
    return Call("POST", "https://line.example/whatsapp/webhook", {}, headers, body)


def _body(*values: Json, field: str = "messages") -> Call:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    whole = [{"messaging_product": "whatsapp", "metadata": metadata, **value} for value in values]
    changes = [{"value": value, "field": field} for value in whole]
    body = {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}
    return proven(json.dumps(body).encode())


_PERSON = {
    "profile": {"name": "Sok Dara", "username": "sokdara.bavet"},
    "wa_id": "85512345678",
    "user_id": USER,
    "identity_key_hash": "DF2lS5v2W6x=",
}
_FROM = {"from": "85512345678", "from_user_id": USER, "timestamp": "1749416383"}


def _id(number: int) -> Json:
    return {"id": f"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQz{number}"}


def _value(*contents: Json) -> Json:
    return {"contacts": [_PERSON], "messages": [{**_FROM, **_id(n), **one} for n, one in enumerate(contents)]}


def _messages(*contents: Json) -> Call:
    return _body(_value(*contents))


def _one(type_: str, content: Json | list[Json], **more: Any) -> Call:
    return _messages({"type": type_, type_: content, **more})


def _error(code: int, title: str) -> Json:
    return {"code": code, "title": title, "message": title, "error_data": {"details": title}}


def _unsupported(type_: str) -> Call:
    return _one("unsupported", {"type": type_}, errors=[_error(131051, "Message type unknown")])


def _system(type_: str, **content: str) -> Call:
    """Such a message names nobody besides in itself, and comes without contacts."""
    system = {"body": "User Sok Dara changed from 85512345678 to 85598765432", "type": type_, **content}
    message = {"from": "85512345678", "timestamp": "1749416383", "type": "system", "system": system, **_id(0)}
    return _body({"messages": [message]})


def _call(event: str, direction: str = "USER_INITIATED") -> Call:
    call = {"id": "wacid.ABGGFjFVU2AfAgo6V", "to": "15550783881", "event": event, "direction": direction, **_FROM}
    session = {"session": {"sdp_type": "offer", "sdp": "v=0"}} if event == "connect" else {"status": "COMPLETED"}
    return _body({"contacts": [_PERSON], "calls": [{**call, **session}]}, field="calls")


def _file(kind: PartKind, name: str, media_type: str, caption: str | None = None) -> Attachment:
    return Attachment(
        kind, Private(_MEDIA["id"]), Private(name), media_type, caption=Private(caption) if caption else None
    )


_MEDIA = {
    "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
    "id": "1003383421387256",
    "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1003383421387256",
}
_AGENT = {
    "name": {"formatted_name": "Agent Lee", "first_name": "Agent", "last_name": "Lee"},
    "org": {"company": "Golden Fortune", "department": "HR", "title": "Manager"},
    "phones": [
        {"phone": "+855 96 000 0001", "wa_id": "855960000001", "type": "CELL"},
        {"phone": "+95 9 000 000 002", "type": "WORK"},
        {"wa_id": "66800000003"},
    ],
    "emails": [{"email": "lee@jobs.example", "type": "WORK"}],
    "urls": [{"url": "https://jobs.example", "type": "WORK"}],
    "addresses": [{"street": "Road 271", "city": "Sihanoukville", "country": "Cambodia", "country_code": "kh"}],
    "birthday": "1990-01-01",
}
_LINES = (
    "Agent Lee\nGolden Fortune\n+855 96 000 0001\n+95 9 000 000 002\n66800000003\nlee@jobs.example\n"
    "https://jobs.example\nRoad 271, Sihanoukville, Cambodia"
)
_VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Boss\nTEL:+855960000004\nEND:VCARD"

SHAPES = {
    # --- words ---
    "text in Khmer": Shape(_one("text", {"body": "ជួយផង យើងនៅបាវិត"}), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "text in Chinese": Shape(
        _one("text", {"body": "我们被关在西港，护照被拿走了"}), (Text(Private("我们被关在西港，护照被拿走了")),)
    ),
    "text in Burmese": Shape(_one("text", {"body": "ကူညီပါ၊ ထွက်လို့မရဘူး"}), (Text(Private("ကူညီပါ၊ ထွက်လို့မရဘူး")),)),
    "answer to a message of ours": Shape(
        _one("text", {"body": "yes"}, context={"from": "15550783881", "id": "wamid.ours"}), (Text(Private("yes")),)
    ),
    "forwarded often": Shape(
        _one("text", {"body": "hi"}, context={"forwarded": True, "frequently_forwarded": True}), (Text(Private("hi")),)
    ),
    "came by an advertisement": Shape(
        _one(
            "text",
            {"body": "hi"},
            referral={"source_url": "https://fb.me/x", "source_type": "ad", "headline": "h", "ctwa_clid": "A"},
        ),
        (Text(Private("hi")),),
    ),
    "a user name and no number": Shape(
        _body(
            {
                "contacts": [{"profile": _PERSON["profile"], "wa_id": "", "user_id": USER}],
                "messages": [
                    {
                        "from": "",
                        "from_user_id": USER,
                        "timestamp": "1749416383",
                        "type": "text",
                        "text": {"body": "ช่วยด้วย"},
                        **_id(0),
                    }
                ],
            }
        ),
        (Text(Private("ช่วยด้วย")),),
    ),
    "an id only beside the profile": Shape(
        _body({"contacts": [_PERSON], "messages": [{"type": "text", "text": {"body": "cứu"}, **_id(0)}]}),
        (Text(Private("cứu")),),
    ),
    "a number without an id within our business": Shape(
        _body({"messages": [{"from": "959123456789", "type": "text", "text": {"body": "hi"}, **_id(0)}]}),
        (Text(Private("hi")),),
    ),
    "several at once": Shape(
        _messages({"type": "text", "text": {"body": "one"}}, {"type": "text", "text": {"body": "two"}}),
        (Text(Private("one")), Text(Private("two"))),
    ),
    "held by an agent of Meta": Shape(
        _body({"standby": _value({"type": "text", "text": {"body": "मदद"}})}, field="standby"), (Text(Private("मदद")),)
    ),
    # --- taps ---
    "button": Shape(
        _one(
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "ask_safe|yes", "title": "Yes"}},
            context={"from": "15550783881", "id": "wamid.ours"},
        ),
        (Chosen("yes", "ask_safe"),),
    ),
    "row of a list": Shape(
        _one(
            "interactive",
            {
                "type": "list_reply",
                "list_reply": {"id": "ask_province|province:KH-20", "title": "Svay Rieng", "description": "d"},
            },
            context={"from": "15550783881", "id": "wamid.ours"},
        ),
        (Chosen("province:KH-20", "ask_province"),),
    ),
    "button of a template": Shape(
        _one("button", {"payload": "No", "text": "No thanks"}), (Text(Private("No thanks")),)
    ),
    "form filled in": Shape(
        _one(
            "interactive",
            {
                "type": "nfm_reply",
                "nfm_reply": {
                    "name": "flow",
                    "body": "Sent",
                    "response_json": json.dumps({"flow_token": "t", "place": "金边", "people": 12, "more": None}),
                },
            },
        ),
        (Text(Private("金边\n12")),),
    ),
    "form left empty": Shape(
        _one("interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}}),
        (Unsupported(),),
    ),
    "may be called, by itself": Shape(
        _one(
            "interactive",
            {
                "type": "call_permission_reply",
                "call_permission_reply": {"response": "accept", "response_source": "automatic"},
            },
        )
    ),
    # --- places ---
    "where the phone is": Shape(
        _one("location", {"latitude": 11.0665, "longitude": 106.1656}), (Pin(11.0665, 106.1656),)
    ),
    "a place with a name": Shape(
        _one(
            "location",
            {
                "latitude": 10.6104,
                "longitude": 103.5286,
                "name": "មាស",
                "address": "Road 271, Sihanoukville",
                "url": "https://place.example/1",
            },
        ),
        (Pin(10.6104, 103.5286, label=Private("មាស\nRoad 271, Sihanoukville\nhttps://place.example/1")),),
    ),
    "a place nowhere": Shape(
        _one("location", {"latitude": 910, "longitude": 10**400, "name": "Bavet"}),
        (Text(Private("Bavet")),),
    ),
    # --- files ---
    "image with words": Shape(
        _one("image", {"caption": "the gate", "mime_type": "image/jpeg", **_MEDIA}),
        (_file(PartKind.PHOTO, "photo", "image/jpeg", "the gate"),),
    ),
    "voice message": Shape(
        _one("audio", {"mime_type": "audio/ogg; codecs=opus", "voice": True, **_MEDIA}),
        (_file(PartKind.VOICE, "voice", "audio/ogg"),),
    ),
    "sound file": Shape(
        _one("audio", {"mime_type": "audio/mpeg", "voice": False, **_MEDIA}),
        (_file(PartKind.VOICE, "voice", "audio/mpeg"),),
    ),
    "video with words": Shape(
        _one("video", {"caption": "门口", "mime_type": "video/mp4", **_MEDIA}),
        (_file(PartKind.VIDEO, "video", "video/mp4", "门口"),),
    ),
    "document": Shape(
        _one("document", {"caption": "c", "filename": "contract.pdf", "mime_type": "application/pdf", **_MEDIA}),
        (_file(PartKind.FILE, "contract.pdf", "application/pdf", "c"),),
    ),
    "a file over 100 MB, with words": Shape(
        _messages(
            {
                "type": "video",
                "video": {"caption": "they beat him"},
                "errors": [_error(131052, "Media download error")],
            }
        ),
        (Text(Private("they beat him")),),
    ),
    "sticker": Shape(_one("sticker", {"mime_type": "image/webp", "animated": False, **_MEDIA}), (Unsupported(),)),
    # --- cards ---
    "cards of two people": Shape(
        _one("contacts", [_AGENT, {"vcard": _VCARD, "origin": "other"}]),
        (ContactCard(Private(f"{_LINES}\n\n{_VCARD}")),),
    ),
    "card with a number and no name": Shape(
        _one("contacts", [{"origin": "contact_request", "vcard": _VCARD, "phones": [{"phone": "+855960000004"}]}]),
        (ContactCard(Private("+855960000004")),),
    ),
    "empty card": Shape(_one("contacts", [{"name": {}, "phones": []}]), (Unsupported(),)),
    # --- afterwards ---
    "reaction": Shape(_one("reaction", {"message_id": "wamid.ours", "emoji": "👍🏽"}), (Text(Private("👍🏽")),)),
    "reaction taken back": Shape(_one("reaction", {"message_id": "wamid.ours"}), (Unsent(),)),
    "edited text": Shape(
        _one(
            "edit",
            {
                "original_message_id": "wamid.x",
                "message": {"context": {"id": "wamid.ours"}, "type": "text", "text": {"body": "ပွိုင့်ပက်"}},
            },
        ),
        (Text(Private("ပွိုင့်ပက်"), edited=True),),
    ),
    "edited words of an image": Shape(
        _one(
            "edit",
            {
                "original_message_id": "wamid.x",
                "message": {
                    "type": "image",
                    "image": {"caption": "the back gate", "mime_type": "image/jpeg", **_MEDIA},
                },
            },
        ),
        (Text(Private("the back gate"), edited=True),),
    ),
    "taken back": Shape(_one("revoke", {"original_message_id": "wamid.x"}), (Unsent(),)),
    # --- what Meta does not give ---
    "unsupported, and no more said": Shape(
        _messages({"type": "unsupported", "errors": [_error(131060, "This message is currently unavailable.")]}),
        (Unsupported(),),
    ),
    "an edit that Meta does not give": Shape(_unsupported("edit"), (Unsupported(),)),
    "taken back, as Meta does not give it": Shape(_unsupported("revoke"), (Unsent(),)),
    "a poll": Shape(_unsupported("poll_creation"), (Unsupported(),)),
    "of a kind that nobody knows": Shape(_one("hologram", {"body": "x"}), (Unsupported(),)),
    "order with words": Shape(
        _one("order", {"catalog_id": "1", "text": "call police", "product_items": [{"product_retailer_id": "a"}]}),
        (Text(Private("call police")),),
    ),
    "order without words": Shape(_one("order", {"catalog_id": "1", "product_items": []}), (Unsupported(),)),
    "product": Shape(_one("interactive", {"type": "product", "product": {"id": "1"}}), (Unsupported(),)),
    # --- comings, goings and calls ---
    "opened the chat": Shape(_messages({"type": "request_welcome"}), (Start(),)),
    "number changed": Shape(
        _system("user_changed_number", wa_id="85598765432", user_id=NEXT, previous_user_id=USER), (Left(),)
    ),
    "id changed, and no number is told": Shape(
        _body(
            {
                "messages": [
                    {
                        "timestamp": "1749416383",
                        "type": "system",
                        "system": {"type": "user_changed_user_id", "user_id": NEXT, "previous_user_id": USER},
                        **_id(0),
                    }
                ]
            }
        ),
        (Left(),),
    ),
    "phone set up anew": Shape(_system("customer_identity_changed", identity="x")),
    "called": Shape(_call("connect"), (Unsupported(),)),
    "a call that ended": Shape(_call("terminate")),
    "a call of ours": Shape(_call("connect", "BUSINESS_INITIATED")),
    # --- none of a reporter's ---
    "delivered": Shape(
        _body(
            {
                "contacts": [_PERSON],
                "statuses": [{"id": "wamid.ours", "status": "delivered", "timestamp": "1", "recipient_user_id": USER}],
            }
        )
    ),
    "not delivered after all": Shape(
        _body(
            {
                "statuses": [
                    {
                        "id": "wamid.ours",
                        "status": "failed",
                        "timestamp": "1",
                        "recipient_id": "85512345678",
                        "errors": [_error(131047, "Re-engagement message")],
                    }
                ]
            }
        )
    ),
    "trouble of our account": Shape(_body({"errors": [_error(130429, "Rate limit hit")]})),
    "typed by us in the WhatsApp Business app": Shape(
        _body(
            {"message_echoes": [{"from": "15550783881", "to": "85512345678", "type": "text", "text": {"body": "x"}}]},
            field="smb_message_echoes",
        )
    ),
    "no more marketing": Shape(
        _body(
            {
                "contacts": [_PERSON],
                "user_preferences": [{"user_id": USER, "category": "marketing_messages", "value": "stop"}],
            },
            field="user_preferences",
        )
    ),
    "of another field": Shape(_body({"event": "APPROVED"}, field="message_template_status_update")),
    "of another number of ours": Shape(
        _body({"metadata": {"phone_number_id": "1"}, "messages": [{"id": "wamid.x", "from": "1", "type": "text"}]})
    ),
    "in a group": Shape(_messages({"type": "text", "text": {"body": "hi"}, "group_id": "Y2FwaV9ncm91cDo"})),
}
