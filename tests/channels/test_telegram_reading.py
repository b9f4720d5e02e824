"""Telegram's updates (https://core.telegram.org/bots/api#update): what each becomes, and what of it is stored."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update as TelegramUpdate

from bot.channels.telegram import reading
from bot.channels.telegram.reading import envelope, is_for_us, kept, parse
from bot.errors import UpdateError
from bot.model.codes import PartKind
from bot.model.message import Attachment, Chosen, ContactCard, Left, Message, Pin, Start, Text, Unsent, Unsupported
from bot.model.private import Private
from tests.vendors.mutations import mutated

type Json = dict[str, Any]

PROFILE = ("Sok", "Dara", "sokdara", "Forwarder", "Quoted")
USER = {"id": 5_000_000_001, "is_bot": False, "first_name": "Sok", "last_name": "Dara", "username": "sokdara"}
CHAT = {"id": 5_000_000_001, "type": "private", "first_name": "Sok", "last_name": "Dara", "username": "sokdara"}
HEAD = {"message_id": 7, "date": 1_764_200_000, "chat": CHAT, "from": {**USER, "language_code": "km"}}
FILE = {"file_id": "BQACAgUAAxk", "file_unique_id": "AgADx", "file_size": 4321}
SIZE = {**FILE, "width": 9, "height": 9}


def message(**content: Any) -> Json:
    return {"update_id": 9, "message": {**HEAD, **content}}


def file(kind: PartKind, name: str, media_type: str, caption: str | None = None) -> Attachment:
    words = Private(caption) if caption else None
    return Attachment(kind, Private("BQACAgUAAxk"), Private(name), media_type, 4321, words)


def said(text: str, *, edited: bool = False) -> Text:
    return Text(Private(text), edited=edited)


ORIGIN = {"type": "user", "date": 1, "sender_user": {**USER, "first_name": "Forwarder"}}
SHAPES: dict[str, tuple[Json, Message]] = {
    "text": (message(text="ជួយផង យើងនៅបាវិត"), said("ជួយផង យើងនៅបាវិត")),
    "text with formatting": (
        message(text="help us", entities=[{"type": "bold", "offset": 0, "length": 4}]),
        said("help us"),
    ),
    "forwarded": (message(text="hi", forward_origin=ORIGIN), said("hi")),
    "answer": (message(text="yes", reply_to_message={**HEAD, "text": "Quoted"}), said("yes")),
    "start": (message(text="/start"), Start()),
    "start by a link": (message(text="/start poster7"), Start()),
    "command": (message(text="/erase"), said("/erase")),
    "edited": (
        {"update_id": 9, "edited_message": {**HEAD, "edit_date": 1_764_200_009, "text": "Poipet"}},
        said("Poipet", edited=True),
    ),
    "edited caption": (
        {
            "update_id": 9,
            "edited_message": {**HEAD, "photo": [SIZE], "caption": "the gate"},
        },
        said("the gate", edited=True),
    ),
    "photo": (
        message(photo=[{**FILE, "file_id": "small", "width": 90, "height": 90}, SIZE]),
        file(PartKind.PHOTO, "photo.jpg", "image/jpeg"),
    ),
    "photo with words": (
        message(photo=[SIZE], caption="the gate", media_group_id="1"),
        file(PartKind.PHOTO, "photo.jpg", "image/jpeg", "the gate"),
    ),
    "voice": (message(voice={**FILE, "duration": 3}), file(PartKind.VOICE, "voice", "audio/ogg")),
    "audio": (
        message(audio={**FILE, "duration": 3, "file_name": "a.m4a", "mime_type": "audio/mp4"}),
        file(PartKind.VOICE, "a.m4a", "audio/mp4"),
    ),
    "video": (
        message(video={**FILE, "duration": 3, "width": 1, "height": 1}),
        file(PartKind.VIDEO, "video", "video/mp4"),
    ),
    "round video": (
        message(video_note={**FILE, "duration": 3, "length": 240}),
        file(PartKind.VIDEO, "video", "video/mp4"),
    ),
    "animation, repeated as a document": (
        message(animation={**FILE, "duration": 3, "width": 1, "height": 1}, document=FILE),
        file(PartKind.VIDEO, "video", "video/mp4"),
    ),
    "document": (
        message(document={**FILE, "file_name": "合同.pdf", "mime_type": "application/pdf"}),
        file(PartKind.FILE, "合同.pdf", "application/pdf"),
    ),
    "picture sent as a document": (
        message(document={**FILE, "file_name": "IMG_1.HEIC", "mime_type": "image/heic"}),
        file(PartKind.PHOTO, "IMG_1.HEIC", "image/heic"),
    ),
    "location": (
        message(location={"latitude": 11.0665, "longitude": 106.1656, "horizontal_accuracy": 20.5}),
        Pin(11.0665, 106.1656, 20.5),
    ),
    "live location": (
        message(location={"latitude": 11, "longitude": 106, "live_period": 900}),
        Pin(11.0, 106.0),
    ),
    "place with a name": (
        message(
            location={"latitude": 11.0, "longitude": 106.0},
            venue={"location": {"latitude": 11.0, "longitude": 106.0}, "title": "Golden Gate", "address": "NR1, Bavet"},
        ),
        Pin(11.0, 106.0, label=Private("Golden Gate\nNR1, Bavet")),
    ),
    "contact": (
        message(contact={"phone_number": "+85512345678", "first_name": "Agent", "last_name": "Lee", "user_id": 3}),
        ContactCard(Private("Agent Lee\n+85512345678")),
    ),
    "sticker": (
        message(sticker={**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}),
        Unsupported(),
    ),
    "dice": (message(dice={"emoji": "🎲", "value": 3}), Unsupported()),
    "tap": (
        {
            "update_id": 9,
            "callback_query": {
                "id": "1",
                "from": USER,
                "chat_instance": "1",
                "data": "ask_safe|yes",
                "message": {**HEAD, "text": "?"},
            },
        },
        Chosen("yes", "ask_safe"),
    ),
    "tap on a message too old to be given": (
        {
            "update_id": 9,
            "callback_query": {
                "id": "1",
                "from": USER,
                "chat_instance": "1",
                "data": "ask_safe|yes",
                "message": {"chat": CHAT, "message_id": 3, "date": 0},
            },
        },
        Chosen("yes", "ask_safe"),
    ),
    "reaction": (
        {
            "update_id": 9,
            "message_reaction": {
                "chat": CHAT,
                "message_id": 7,
                "user": USER,
                "date": 1_764_200_000,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            },
        },
        said("👍"),
    ),
    "reaction taken back": (
        {
            "update_id": 9,
            "message_reaction": {
                "chat": CHAT,
                "message_id": 7,
                "user": USER,
                "date": 1_764_200_000,
                "new_reaction": [],
                "old_reaction": [{"type": "emoji", "emoji": "👍"}],
            },
        },
        Unsent(),
    ),
    "blocked": (
        {
            "update_id": 9,
            "my_chat_member": {
                "chat": CHAT,
                "from": USER,
                "date": 1_764_200_000,
                "old_chat_member": {"user": USER, "status": "member"},
                "new_chat_member": {"user": USER, "status": "kicked", "until_date": 0},
            },
        },
        Left(),
    ),
}
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES)


def stored(update: Json) -> bytes:
    return json.dumps(kept(update)).encode()


@EVERY_SHAPE
def test_an_update_says_what_it_must(shape: str) -> None:
    update, wanted = SHAPES[shape]
    read = parse(stored(update))

    assert is_for_us(update)
    assert read.message == wanted
    assert read.address.user.reveal() == envelope(stored(update)).user.reveal() == "5000000001"
    assert read.dedupe == envelope(stored(update)).dedupe == "9"


@EVERY_SHAPE
def test_nothing_of_a_profile_is_stored(shape: str) -> None:
    assert [word for word in PROFILE if word in stored(SHAPES[shape][0]).decode("unicode_escape")] == []


@EVERY_SHAPE
def test_ids_and_times_are_what_python_telegram_bot_reads(shape: str) -> None:
    update, _ = SHAPES[shape]
    theirs, ours = TelegramUpdate.de_json(update, None), parse(stored(update))
    message = theirs.message or theirs.edited_message

    assert theirs.effective_chat
    assert ours.address.user.reveal() == str(theirs.effective_chat.id)
    assert ours.message_id == (str(message.message_id) if message else None)
    if message:
        assert ours.sent_at == (message.edit_date or message.date)
        assert isinstance(ours.message, Unsupported) == bool(message.sticker or message.dice)
    if isinstance(ours.message, Text) and message:
        assert ours.message.words.reveal() == (message.text or message.caption)


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_what_others_would_read_is_none_of_ours(kind: str) -> None:
    assert not is_for_us(message(text="hi", chat={"id": -100, "type": kind, "title": "Jobs"}))


@settings(max_examples=2000, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_nothing_else_is_raised(data: st.DataObject) -> None:
    update, _ = data.draw(st.sampled_from(list(SHAPES.values())))
    body = data.draw(mutated(json.dumps(update).encode()))
    try:
        read = reading.read_json(body)
        if is_for_us(read):
            envelope(stored(read))
            parse(stored(read))
    except UpdateError:
        return
