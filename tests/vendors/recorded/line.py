"""LINE (https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects)."""

import base64
import hashlib
import hmac
import json
from typing import Any

from pydantic import SecretStr

from bot.channels.line.vendor import Line, LineAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, Left, Pin, Start, Text, Unsent, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
ACCOUNT = LineAccount(channel_access_token=SecretStr("token-of-nobody"), channel_secret=SecretStr(SECRET))
VENDOR = Line(ACCOUNT, "https://line.example/line/webhook")

BOT, REPORTER, FRIEND, OTHER = ("U" + sign * 32 for sign in "0abc")
QUOTE, READ = "q3Plxr4AgKdXr7wCsNfVZ", "30yhdy232QFmD1wMkB2eT"
PROFILE = (BOT, OTHER, QUOTE, READ, "468789532432007169", "E005D41A7288F41B65593ED38FF6E983", "Staring", "preview.jpg")

type Json = dict[str, Any]


def proven(body: bytes) -> Call:
    """Sign as LINE does."""
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"x-line-signature": signature, "content-type": "application/json; charset=utf-8"}
    return Call("POST", "https://line.example/line/webhook", {}, headers, body)


def _body(*events: Json) -> Call:
    head = {"timestamp": 1692251666727, "mode": "active", "deliveryContext": {"isRedelivery": False}}
    whole = [{**head, "webhookEventId": f"01H810YECXQQZ37VAXPF6H9E{n:02}", **event} for n, event in enumerate(events)]
    return proven(json.dumps({"destination": BOT, "events": whole}, ensure_ascii=False).encode())


def _event(type_: str, *, user: str = REPORTER, **more: Any) -> Json:
    token = {"replyToken": "38ef843bde154d9b91c21320ffd17a0f"}
    return {"type": type_, "source": {"type": "user", "userId": user}, **token, **more}


def _said(type_: str, id_: str = "468789577898262530", **content: Any) -> Json:
    quotable = {"quoteToken": QUOTE} if type_ in ("text", "image", "video", "sticker") else {}
    return {"type": type_, "id": id_, "markAsReadToken": READ, **quotable, **content}


def _message(type_: str, **content: Any) -> Json:
    return _event("message", message=_said(type_, **content))


def _of_line(type_: str, **more: Any) -> Json:
    return _message(type_, contentProvider={"type": "line"}, **more)


def _from_elsewhere(type_: str, url: str, **more: Any) -> Json:
    preview = {"previewImageUrl": "https://files.example/preview.jpg"}
    return _message(type_, contentProvider={"type": "external", "originalContentUrl": url, **preview}, **more)


def _sticker(kind: str, **more: Any) -> Json:
    ids = {"packageId": "11537", "stickerId": "52002738", "stickerResourceType": kind}
    return _message("sticker", **ids, keywords=["cony", "Staring", "hi"], **more)


def _elsewhere(kind: str, type_: str = "message", **more: Any) -> Json:
    id_ = {"group": "groupId", "room": "roomId"}[kind]
    return {
        **_event(type_, **more),
        "source": {"type": kind, id_: "Ca56f94637cc4347f90a25382909b24b9", "userId": OTHER},
    }


def _without(event: Json, *names: str) -> Json:
    return {name: value for name, value in event.items() if name not in names}


def _file(kind: PartKind, media_type: str, name: str = "", id_: str = "468789577898262530", **more: Any) -> Attachment:
    return Attachment(kind, Private(id_), Private(name or kind.value), media_type, **more)


def _text(words: str, *, edited: bool = False) -> Text:
    return Text(Private(words), edited=edited)


_SET = "E005D41A7288F41B65593ED38FF6E9834B046AB36A37921A56BC236F13A91855"
_THAI = "ช่วยด้วย เราถูกขังอยู่ที่ปอยเปต"
_BURMESE = "ကူညီပါ ကျွန်တော်တို့ကို ပိတ်ထားတယ်"

SHAPES = {
    "text": Shape(_body(_message("text", text=_THAI)), (_text(_THAI),)),
    "text in Khmer": Shape(_body(_message("text", text="ជួយផង យើងនៅបាវិត")), (_text("ជួយផង យើងនៅបាវិត"),)),
    "text with an emoji of LINE's": Shape(
        _body(
            _message(
                "text",
                text="我們被關在西港 (sad)",
                emojis=[{"index": 8, "length": 5, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}],
            )
        ),
        (_text("我們被關在西港 (sad)"),),
    ),
    "text with a mention of us": Shape(
        _body(
            _message(
                "text",
                text="@line help",
                mention={"mentionees": [{"index": 0, "length": 5, "userId": BOT, "type": "user", "isSelf": True}]},
            )
        ),
        (_text("@line help"),),
    ),
    "answer to an earlier message": Shape(
        _body(_message("text", text="yes", quotedMessageId="468789532432007169")), (_text("yes"),)
    ),
    "sent again": Shape(
        _body({**_message("text", text=_BURMESE), "deliveryContext": {"isRedelivery": True}}), (_text(_BURMESE),)
    ),
    "image": Shape(_body(_of_line("image")), (_file(PartKind.PHOTO, "image/jpeg"),)),
    "two images of a set": Shape(
        _body(
            _of_line("image", id_="354718705033693859", imageSet={"id": _SET, "index": 1, "total": 2}),
            _of_line("image", id_="354718705033693861", imageSet={"id": _SET, "index": 2, "total": 2}),
        ),
        (
            _file(PartKind.PHOTO, "image/jpeg", id_="354718705033693859"),
            _file(PartKind.PHOTO, "image/jpeg", id_="354718705033693861"),
        ),
    ),
    "image of a set on an old Android": Shape(
        _body(_of_line("image", imageSet={"id": _SET})), (_file(PartKind.PHOTO, "image/jpeg"),)
    ),
    "image at a stranger's server": Shape(
        _body(_from_elsewhere("image", "https://files.example/gate.jpg")), (_text("https://files.example/gate.jpg"),)
    ),
    "video": Shape(_body(_of_line("video", duration=60000)), (_file(PartKind.VIDEO, "video/mp4"),)),
    "video at a stranger's server": Shape(
        _body(_from_elsewhere("video", "https://files.example/gate.mp4", duration=60000)),
        (_text("https://files.example/gate.mp4"),),
    ),
    "voice message": Shape(_body(_of_line("audio", duration=7000)), (_file(PartKind.VOICE, "audio/mp4"),)),
    "file": Shape(
        _body(_message("file", fileName="合同.pdf", fileSize=2138)),
        (_file(PartKind.FILE, "application/octet-stream", "合同.pdf", size=2138),),
    ),
    "location": Shape(
        _body(
            _message("location", title="Crown Casino", address="Bavet, Cambodia", latitude=11.0665, longitude=106.1656)
        ),
        (Pin(11.0665, 106.1656, label=Private("Crown Casino\nBavet, Cambodia")),),
    ),
    "location without a name": Shape(_body(_message("location", latitude=-8, longitude=115.25)), (Pin(-8.0, 115.25),)),
    "sticker": Shape(_body(_sticker("ANIMATION")), (Unsupported(),)),
    "sticker with typed words": Shape(_body(_sticker("MESSAGE", text="help\nme")), (_text("help\nme"),)),
    "sticker whose words LINE keeps": Shape(_body(_sticker("CUSTOM")), (Unsupported(),)),
    "taken back": Shape(
        _body(_without(_event("unsend", unsend={"messageId": "468789532432007169"}), "replyToken")), (Unsent(),)
    ),
    "edited": Shape(
        _body(_event("messageEdited", message=_said("text", text="Poipet"))), (_text("Poipet", edited=True),)
    ),
    "added us": Shape(_body(_event("follow", follow={"isUnblocked": False})), (Start(),)),
    "unblocked us": Shape(_body(_event("follow", follow={"isUnblocked": True})), (Start(),)),
    "blocked us": Shape(_body(_without(_event("unfollow"), "replyToken")), (Left(),)),
    "quick reply": Shape(_body(_event("postback", postback={"data": "ask_safe|yes"})), (Chosen("yes", "ask_safe"),)),
    "a date picked": Shape(
        _body(_event("postback", postback={"data": "storeId=12345", "params": {"datetime": "2017-12-25T01:00"}})),
        (Chosen("storeId=12345"),),
    ),
    "a rich menu switched": Shape(
        _body(
            _event(
                "postback",
                postback={
                    "data": "richmenu-changed-to-b",
                    "params": {"newRichMenuAliasId": "richmenu-alias-b", "status": "SUCCESS"},
                },
            )
        ),
        (Chosen("richmenu-changed-to-b"),),
    ),
    "several people at once": Shape(
        _body(
            _message("text", text="one"),
            _event("message", user=FRIEND, message=_said("text", text="two")),
            _event("follow", follow={"isUnblocked": False}),
        ),
        (_text("one"), _text("two"), Start()),
    ),
    "a message of a new kind": Shape(_body(_message("hologram")), (Unsupported(),)),
    "an event of a new kind": Shape(_body(_event("reaction", reaction={"type": "x"})), (Unsupported(),)),
    "came near a beacon": Shape(_body(_event("beacon", beacon={"hwid": "d41d8cd98f", "type": "enter"}))),
    "stays near a beacon": Shape(_body(_event("beacon", beacon={"hwid": "d41d8cd98f", "type": "stay"}))),
    "accounts linked": Shape(_body(_event("accountLink", link={"result": "ok", "nonce": "xxxxxxxxxxxxxxx"}))),
    "accounts not linked": Shape(
        _body(_without(_event("accountLink", link={"result": "failed", "nonce": "xxx"}), "source", "replyToken"))
    ),
    "a thing linked": Shape(_body(_event("things", things={"type": "link", "deviceId": "t2c449c9d1"}))),
    "joined a membership": Shape(_body(_event("membership", membership={"type": "joined", "membershipId": 3189}))),
    "watched a video": Shape(_body(_event("videoPlayComplete", videoPlayComplete={"trackingId": "track-id"}))),
    "a notification was delivered": Shape(
        _body(_without(_event("delivery", delivery={"data": "hash-of-a-number"}), "replyToken"))
    ),
    "a module attached": Shape(
        _body(
            _without(
                _event("module", module={"type": "attached", "botId": BOT, "scopes": ["message:send"]}),
                "source",
                "replyToken",
            )
        )
    ),
    "our account suspended": Shape(_body(_without(_event("botSuspended"), "source", "replyToken"))),
    "while another program answers": Shape(
        _body({**_without(_message("text", text="hi"), "replyToken"), "mode": "standby"})
    ),
    "in a group": Shape(_body(_elsewhere("group", message=_said("text", text="hi")))),
    "in a room": Shape(_body(_elsewhere("room", message=_said("text", text="hi")))),
    "edited in a group": Shape(_body(_elsewhere("group", "messageEdited", message=_said("text", text="hi")))),
    "added to a group": Shape(_body(_elsewhere("group", "join"))),
    "only asks whether we are here": Shape(_body()),
}
