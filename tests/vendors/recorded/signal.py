"""Signal, as signal-cli-rest-api sends it on (https://github.com/AsamK/signal-cli/tree/master/src/main/java/org/asamk/signal/json)."""

import json
from typing import Any

from bot.channels.signal.vendor import Signal, SignalAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, ContactCard, Text, Unsent, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

UNSIGNED = True
"""There is no signature: what proves a body is that we read it from our own socket."""

NUMBER = "+4915735990000"
VENDOR = Signal(SignalAccount(number=NUMBER, api_url="http://signal.internal:8080"), "")

PROFILE = ("Sok Dara", "+85512345678", "what the guard asked", "Title of a page", "Our own words")

type Json = dict[str, Any]

UUID = "0b1f5a52-3c5e-4f1e-9d54-6b1a5b6a9d01"
AT = 1763888461123
_HEAD = {
    "source": "+85512345678",
    "sourceNumber": "+85512345678",
    "sourceUuid": UUID,
    "sourceName": "Sok Dara",
    "sourceDevice": 1,
    "timestamp": AT,
    "serverReceivedTimestamp": AT + 177,
    "serverDeliveredTimestamp": AT + 179,
}


def proven(body: bytes) -> Call:
    """Give the call of what was read from the socket."""
    return Call("SOCKET", "", {}, {}, body)


def _read(whole: Any) -> Call:
    return proven(json.dumps(whole).encode())


def _envelope(head: Json = _HEAD, **content: Any) -> Call:
    return _read({"envelope": {**head, **content}, "account": NUMBER})


def _data(**content: Any) -> Json:
    return {"timestamp": AT, "message": None, "expiresInSeconds": 0, "viewOnce": False, **content}


def _message(**content: Any) -> Call:
    return _envelope(dataMessage=_data(**content))


def _sent(id_: str, content_type: str, filename: str | None = None, **more: Any) -> Json:
    """Give a file as signal-cli describes it."""
    size = {"size": 366267, "width": None, "height": None, "caption": None, "uploadTimestamp": AT - 900}
    return {"contentType": content_type, "filename": filename, "id": id_, **size, **more}


def _file(kind: PartKind, handle: str, name: str, media_type: str, caption: str | None = None) -> Attachment:
    return Attachment(kind, Private(handle), Private(name), media_type, caption=Private(caption) if caption else None)


def _edit(**content: Any) -> Call:
    return _envelope(editMessage={"targetSentTimestamp": AT - 60_000, "dataMessage": _data(**content)})


_REACTION = {
    "targetAuthor": NUMBER,
    "targetAuthorNumber": NUMBER,
    "targetAuthorUuid": "7c1a0c1e-9a55-4b8e-8f1d-2d5f0a3f4b02",
    "targetSentTimestamp": AT - 5000,
}
_CARD = {
    "name": {"nickname": None, "given": "Agent", "family": "Lee", "prefix": None, "suffix": None, "middle": None},
    "avatar": {"attachment": _sent("avatar.jpg", "image/jpeg"), "isProfile": False},
    "phone": [{"value": "+855 98 765 432", "type": "MOBILE", "label": None}],
    "email": [{"value": "lee@compound.example", "type": "WORK", "label": None}],
    "address": [{"type": "WORK", "street": "Street 1", "city": "Bavet", "region": "Svay Rieng", "country": "KH"}],
    "organization": "Golden Park",
}
_GROUP = {"groupId": "aGVsbG8gd29ybGQ=", "groupName": "Room 12", "revision": 3, "type": "DELIVER"}
_KHMER = "ជួយផង យើងនៅបាវិត "
_LONG = (_KHMER * 60).encode()[:2046].decode(errors="ignore")
"""As an app cuts it: at most 2,048 bytes."""
_TEXT_FILE = _sent("9f2c.txt", "text/x-signal-plain")

SHAPES = {
    "text": Shape(_message(message="ជួយផង យើងនៅបាវិត"), (Text(Private("ជួយផង យើងនៅបាវិត")),)),
    "text in Chinese": Shape(_message(message="我们被关在西港"), (Text(Private("我们被关在西港")),)),
    "in JSON-RPC": Shape(
        _read(
            {
                "jsonrpc": "2.0",
                "method": "receive",
                "params": {"envelope": {**_HEAD, "dataMessage": _data(message="ကူညီပါ")}, "account": NUMBER},
            }
        ),
        (Text(Private("ကူညီပါ")),),
    ),
    "in JSON-RPC of a subscription": Shape(
        _read(
            {
                "jsonrpc": "2.0",
                "method": "receive",
                "params": {
                    "subscription": 0,
                    "result": {"envelope": {**_HEAD, "dataMessage": _data(message="ช่วยด้วย")}, "account": NUMBER},
                },
            }
        ),
        (Text(Private("ช่วยด้วย")),),
    ),
    "answer to a message of ours": Shape(
        _message(
            message="2",
            quote={
                "id": AT - 9000,
                "author": NUMBER,
                "authorNumber": NUMBER,
                "authorUuid": "7c1a0c1e-9a55-4b8e-8f1d-2d5f0a3f4b02",
                "text": "Our own words",
                "attachments": [],
            },
        ),
        (Text(Private("2")),),
    ),
    "with a preview and styles": Shape(
        _message(
            message="see https://example.org/map",
            previews=[{"url": "https://example.org/map", "title": "Title of a page", "description": "", "image": None}],
            textStyles=[{"style": "BOLD", "start": 0, "length": 3}],
        ),
        (Text(Private("see https://example.org/map")),),
    ),
    "that disappears": Shape(_message(message="quick", expiresInSeconds=3600), (Text(Private("quick")),)),
    "photo": Shape(
        _message(attachments=[_sent("pwtcq.jpg", "image/jpeg")]),
        (_file(PartKind.PHOTO, "pwtcq.jpg", "photo", "image/jpeg"),),
    ),
    "photo with words": Shape(
        _message(message="the gate", attachments=[_sent("pwtcq.jpg", "image/jpeg", "signal-2026.jpg")]),
        (_file(PartKind.PHOTO, "pwtcq.jpg", "signal-2026.jpg", "image/jpeg", "the gate"),),
    ),
    "photos with words": Shape(
        _message(message="both", attachments=[_sent("a.jpg", "image/jpeg"), _sent("b.png", "image/png")]),
        (
            _file(PartKind.PHOTO, "a.jpg", "photo", "image/jpeg", "both"),
            _file(PartKind.PHOTO, "b.png", "photo", "image/png"),
        ),
    ),
    "photo to be seen once": Shape(
        _message(viewOnce=True, attachments=[_sent("once.jpg", "image/jpeg")]),
        (_file(PartKind.PHOTO, "once.jpg", "photo", "image/jpeg"),),
    ),
    "to be seen once, and not fetched": Shape(_message(viewOnce=True), (Unsupported(),)),
    "voice message": Shape(
        _message(attachments=[_sent("v.m4a", "audio/aac", isVoiceNote=True)]),
        (_file(PartKind.VOICE, "v.m4a", "voice", "audio/aac"),),
    ),
    "video": Shape(
        _message(attachments=[_sent("v.mp4", "video/mp4")]), (_file(PartKind.VIDEO, "v.mp4", "video", "video/mp4"),)
    ),
    "document": Shape(
        _message(attachments=[_sent("d.pdf", "application/pdf", "contract.pdf")]),
        (_file(PartKind.FILE, "d.pdf", "contract.pdf", "application/pdf"),),
    ),
    "file that was not fetched": Shape(
        _message(message="the gate", attachments=[{**_sent("", "image/jpeg"), "id": None}]),
        (Text(Private("the gate")),),
    ),
    "file without words that was not fetched": Shape(
        _message(attachments=[{**_sent("", "image/jpeg"), "id": None}]), (Unsupported(),)
    ),
    "long text, cut, with all of it in a file": Shape(
        _message(message=_LONG, attachments=[_TEXT_FILE]),
        (_file(PartKind.FILE, "9f2c.txt", "file", "text/plain", _LONG),),
    ),
    "long text, whole": Shape(_message(message=_KHMER * 60, attachments=[_TEXT_FILE]), (Text(Private(_KHMER * 60)),)),
    "contact": Shape(
        _message(contacts=[_CARD]),
        (
            ContactCard(
                Private("Agent Lee\nGolden Park\n+855 98 765 432\nlee@compound.example\nStreet 1 Bavet Svay Rieng KH")
            ),
        ),
    ),
    "sticker": Shape(_message(sticker={"packId": "c1a4ba7a7ae0", "stickerId": 4}), (Unsupported(),)),
    "reaction": Shape(_message(reaction={"emoji": "👍", **_REACTION, "isRemove": False}), (Text(Private("👍")),)),
    "reaction taken back": Shape(_message(reaction={"emoji": "👍", **_REACTION, "isRemove": True}), (Unsent(),)),
    "taken back": Shape(_message(remoteDelete={"timestamp": AT - 4000}), (Unsent(),)),
    "edited": Shape(_edit(message="Poipet"), (Text(Private("Poipet"), edited=True),)),
    "edited words of a photo": Shape(
        _edit(message="Poipet", attachments=[_sent("pwtcq.jpg", "image/jpeg")]),
        (Text(Private("Poipet"), edited=True),),
    ),
    "edited to a long text": Shape(
        _edit(message=_LONG, attachments=[_TEXT_FILE]),
        (Text(Private(_LONG), edited=True), _file(PartKind.FILE, "9f2c.txt", "file", "text/plain")),
    ),
    "poll": Shape(
        _message(pollCreate={"question": "What now?", "allowMultiple": False, "options": ["run", "wait"]}),
        (Unsupported(),),
    ),
    "vote": Shape(
        _message(pollVote={"author": NUMBER, "authorUuid": None, "targetSentTimestamp": AT, "optionIndexes": [0]}),
        (Unsupported(),),
    ),
    "payment": Shape(_message(payment={"note": "", "receipt": "AAAA"}), (Unsupported(),)),
    "of a kind to come": Shape(_message(hologram={"id": 1}), (Unsupported(),)),
    "call": Shape(
        _envelope(callMessage={"offerMessage": {"id": 4711, "type": "AUDIO_CALL", "opaque": "AAAA"}}),
        (Unsupported(),),
    ),
    "call, further on": Shape(_envelope(callMessage={"iceUpdateMessages": [{"id": 4711, "opaque": "AAAA"}]})),
    "call ended": Shape(_envelope(callMessage={"hangupMessage": {"id": 4711, "type": "NORMAL", "deviceId": 0}})),
    "timer set": Shape(_message(expiresInSeconds=604800, isExpirationUpdate=True)),
    "message of the app itself": Shape(_message()),
    "message pinned": Shape(_message(pinMessage={"targetAuthor": NUMBER, "targetSentTimestamp": AT - 1})),
    "delivered": Shape(
        _envelope(
            receiptMessage={"when": AT, "isDelivery": True, "isRead": False, "isViewed": False, "timestamps": [AT - 1]}
        )
    ),
    "typing": Shape(_envelope(typingMessage={"action": "STARTED", "timestamp": AT})),
    "story": Shape(_envelope(storyMessage={"allowsReplies": True, "textAttachment": {"text": "what the guard asked"}})),
    "answer to a story": Shape(
        _message(message="hi", storyContext={"authorNumber": NUMBER, "authorUuid": UUID, "sentTimestamp": AT - 1}),
        (Text(Private("hi")),),
    ),
    "written by us on the linked phone": Shape(
        _envelope(
            syncMessage={"sentMessage": {"destination": "+85512345678", "destinationUuid": UUID, **_data(message="hi")}}
        )
    ),
    "in a group": Shape(_message(message="hi", groupInfo=_GROUP)),
    "edited in a group": Shape(_edit(message="hi", groupInfo=_GROUP)),
    "not opened, for its key is not trusted": Shape(
        _read(
            {
                "envelope": _HEAD,
                "exception": {"message": "untrusted", "type": "UntrustedIdentityException"},
                "account": NUMBER,
            }
        )
    ),
    "trouble of the API": Shape(_read({"error": "Couldn't parse message"})),
    "somebody of whom only the number is known": Shape(
        _envelope(
            {**_HEAD, "source": "+959123456789", "sourceNumber": "+959123456789", "sourceUuid": None},
            dataMessage=_data(message="hi"),
        ),
        (Text(Private("hi")),),
    ),
    "somebody whose number is hidden": Shape(
        _envelope({**_HEAD, "source": UUID, "sourceNumber": None}, dataMessage=_data(message="giúp tôi")),
        (Text(Private("giúp tôi")),),
    ),
}
