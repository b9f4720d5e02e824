"""WhatsApp (https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages)."""

import hashlib
import hmac
import json
from typing import Any

from pydantic import SecretStr

from bot.channels.whatsapp import WhatsApp, WhatsAppAccount
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
)
VENDOR = WhatsApp(ACCOUNT, "https://line.example/whatsapp/webhook")

PROFILE = ("Sok Dara", "85512345678", "fb.me")

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


def _messages(*contents: Json) -> Call:
    profile = {"profile": {"name": "Sok Dara"}, "wa_id": "85512345678", "user_id": "KH.13491208655302741918"}
    head = {"from": "85512345678", "from_user_id": "KH.13491208655302741918", "timestamp": "1749416383"}
    held = [{**head, "id": f"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQz{number}", **one} for number, one in enumerate(contents)]
    return _body({"contacts": [profile], "messages": held})


def _one(type_: str, content: Json, **more: Any) -> Call:
    return _messages({"type": type_, type_: content, **more})


def _file(kind: PartKind, handle: str, name: str, media_type: str, caption: str | None = None) -> Attachment:
    return Attachment(kind, Private(handle), Private(name), media_type, caption=Private(caption) if caption else None)


_MEDIA = {"sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=", "id": "1003383421387256"}
_CARD = {
    "name": {"formatted_name": "Agent Lee", "first_name": "Agent", "last_name": "Lee"},
    "phones": [{"phone": "+855 12 345 678", "type": "CELL"}],
}

SHAPES = {
    "text": Shape(_one("text", {"body": "ជួយផង យើងនៅបាវិត"}), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "answer to a message of ours": Shape(
        _one("text", {"body": "yes"}, context={"from": "15550783881", "id": "wamid.x"}), (Text(Private("yes")),)
    ),
    "forwarded": Shape(_one("text", {"body": "hi"}, context={"forwarded": True}), (Text(Private("hi")),)),
    "came by an advertisement": Shape(
        _one("text", {"body": "hi"}, referral={"source_url": "https://fb.me/x", "headline": "h"}),
        (Text(Private("hi")),),
    ),
    "button": Shape(
        _one("interactive", {"type": "button_reply", "button_reply": {"id": "ask_safe|yes", "title": "Yes"}}),
        (Chosen("yes", "ask_safe"),),
    ),
    "row of a list": Shape(
        _one(
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "ask_province|province:KH-20", "title": "Svay Rieng"}},
        ),
        (Chosen("province:KH-20", "ask_province"),),
    ),
    "button of a template": Shape(
        _one("button", {"payload": "No", "text": "No thanks"}), (Text(Private("No thanks")),)
    ),
    "location": Shape(_one("location", {"latitude": 11.0665, "longitude": 106.1656}), (Pin(11.0665, 106.1656),)),
    "image with words": Shape(
        _one("image", {"caption": "the gate", "mime_type": "image/jpeg", **_MEDIA}),
        (_file(PartKind.PHOTO, _MEDIA["id"], "photo", "image/jpeg", "the gate"),),
    ),
    "voice message": Shape(
        _one("audio", {"mime_type": "audio/ogg; codecs=opus", "voice": True, **_MEDIA}),
        (_file(PartKind.VOICE, _MEDIA["id"], "voice", "audio/ogg"),),
    ),
    "contacts": Shape(_one("contacts", [_CARD]), (ContactCard(Private("Agent Lee\n+855 12 345 678")),)),
    "reaction": Shape(_one("reaction", {"message_id": "wamid.x", "emoji": "👍"}), (Text(Private("👍")),)),
    "reaction taken back": Shape(_one("reaction", {"message_id": "wamid.x"}), (Unsent(),)),
    "edited": Shape(
        _one("edit", {"original_message_id": "wamid.x", "message": {"type": "text", "text": {"body": "Poipet"}}}),
        (Text(Private("Poipet"), edited=True),),
    ),
    "taken back": Shape(_one("revoke", {"original_message_id": "wamid.x"}), (Unsent(),)),
    "sticker": Shape(_one("sticker", {"mime_type": "image/webp", **_MEDIA}), (Unsupported(),)),
    "unsupported": Shape(
        _messages({"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]}),
        (Unsupported(),),
    ),
    "opened the chat": Shape(_messages({"type": "request_welcome"}), (Start(),)),
    "number changed": Shape(
        _one("system", {"body": "User changed number", "wa_id": "85598765432", "type": "user_changed_number"}),
        (Left(),),
    ),
    "several at once": Shape(
        _messages({"type": "text", "text": {"body": "one"}}, {"type": "text", "text": {"body": "two"}}),
        (Text(Private("one")), Text(Private("two"))),
    ),
    "delivered": Shape(
        _body({"statuses": [{"id": "wamid.x", "status": "delivered", "timestamp": "1", "recipient_id": "855"}]})
    ),
    "of another field": Shape(_body({"event": "APPROVED"}, field="message_template_status_update")),
    "of another number of ours": Shape(
        _body({"metadata": {"phone_number_id": "1"}, "messages": [{"id": "wamid.x", "from": "1", "type": "text"}]})
    ),
    "a number without an id within our business": Shape(
        _body({"messages": [{"id": "wamid.x", "from": "959123456789", "type": "text", "text": {"body": "hi"}}]}),
        (Text(Private("hi")),),
    ),
    "in a group": Shape(_messages({"type": "text", "text": {"body": "hi"}, "group_id": "Y2FwaV9ncm91cDo"})),
}
