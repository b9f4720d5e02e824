"""Telegram's updates as ours: pure, each alone (https://core.telegram.org/bots/api#update)."""

import json
import time
from typing import Any

from telegram import Contact, Message, TelegramObject
from telegram import Update as TelegramUpdate

from bot.channels.taps import tapped
from bot.errors import UpdateError
from bot.model.codes import PartKind
from bot.model.message import (
    Address,
    Attachment,
    ContactCard,
    Envelope,
    Left,
    Pin,
    Start,
    Text,
    Unsupported,
    Update,
)
from bot.model.message import Message as OurMessage
from bot.model.private import Private

NAME = "telegram"
UPDATE_TYPES = ("message", "edited_message", "callback_query", "my_chat_member")


def read_json(raw: bytes) -> dict[str, Any]:
    """Read the bytes of one update.

    Raises:
        UpdateError: They are no JSON object.
    """
    try:
        update = json.loads(raw)
    except ValueError:
        raise UpdateError("not JSON") from None
    if not isinstance(update, dict):
        raise UpdateError("not an object")
    return update


def is_for_us(update: dict[str, Any]) -> bool:
    """Tell whether an update is a private matter: nothing is answered in groups, where others would read it."""
    for kind in UPDATE_TYPES:
        part = update.get(kind)
        chat = _chat(part)
        if chat.get("type", "private") != "private":
            return False
        if kind == "my_chat_member" and isinstance(part, dict):
            return _status(part) == "kicked"
        if kind == "edited_message" and isinstance(part, dict):
            return "text" in part or "caption" in part  # a live location moves by itself, and Telegram edits too
    return True


def _status(member: dict[str, Any]) -> object:
    new = member.get("new_chat_member")
    return new.get("status") if isinstance(new, dict) else None


def _chat(part: object) -> dict[str, Any]:
    """Give the chat of an update's part, also of a callback's message; empty where there is none."""
    if not isinstance(part, dict):
        return {}
    found = part.get("chat") or _chat(part.get("message")) or part.get("from")
    return found if isinstance(found, dict) else {}


def envelope(raw: bytes) -> Envelope:
    """Say who sent an update and what its id is, by its bare JSON."""
    update = read_json(raw)
    update_id = update.get("update_id")
    if not isinstance(update_id, int):
        raise UpdateError("no update_id")
    chats = (_chat(update.get(kind)) for kind in UPDATE_TYPES)
    user = next((chat["id"] for chat in chats if isinstance(chat.get("id"), int)), "")
    return Envelope(str(update_id), Private(str(user)))


def parse(raw: bytes) -> Update:
    """Read one update with python-telegram-bot's types.

    Raises:
        UpdateError: It is not in the Bot API's form, or of a kind that we did not ask for.
    """
    try:
        update = TelegramUpdate.de_json(read_json(raw), None)
    except Exception:  # noqa: BLE001 - whatever a malformed update makes the library raise; it may quote the update
        raise UpdateError("not an update of the Bot API") from None
    return _update(update)


def _update(update: TelegramUpdate) -> Update:
    user, chat = update.effective_user, update.effective_chat
    if chat is None:
        raise UpdateError("an update of nobody")
    message = update.message or update.edited_message
    return Update(
        dedupe=str(update.update_id),
        address=Address(NAME, Private(str(chat.id))),
        message=_content(update, message),
        language=user.language_code if user else None,
        message_id=str(message.message_id) if message else None,
        sent_at=(message.edit_date or message.date) if message else None,
    )


def _content(update: TelegramUpdate, message: Message | None) -> OurMessage:
    if update.callback_query:
        return tapped(update.callback_query.data or "")
    if update.my_chat_member:
        return Left()
    if message is None:
        raise UpdateError("an update of a kind that we did not ask for")
    return _said(message, edited=update.edited_message is not None)


def _said(message: Message, *, edited: bool) -> OurMessage:
    if message.text is not None:
        started = message.text.split(maxsplit=1)[:1] == ["/start"]
        return Start() if started else Text(Private(message.text), edited=edited)
    if edited:
        return Text(Private(message.caption or ""), edited=True)
    if message.location:
        place = message.location
        return Pin(place.latitude, place.longitude, place.horizontal_accuracy)
    if message.contact:
        return ContactCard(Private(_card(message.contact)))
    return _file(message) or Unsupported()


def _card(contact: Contact) -> str:
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    lines = (name, contact.phone_number, contact.vcard)
    return "\n".join(line for line in lines if line)


def synthetic(id_: str, words: str) -> bytes:
    """Write an update that Telegram never sends: of chat 0, with an id below all of Telegram's."""
    chat = {"id": 0, "type": "private"}
    message = {"message_id": 0, "date": int(time.time()), "chat": chat, "text": words}
    return json.dumps({"update_id": -int(id_[:12], 16), "message": message}).encode()


_FILES = (
    ("voice", PartKind.VOICE, "audio/ogg"),
    ("audio", PartKind.VOICE, "audio/mpeg"),
    ("video", PartKind.VIDEO, "video/mp4"),
    ("video_note", PartKind.VIDEO, "video/mp4"),
    ("animation", PartKind.VIDEO, "video/mp4"),
    ("document", PartKind.FILE, "application/octet-stream"),
)
"""Fields of a message that hold a file; an animation stands before the document that repeats it."""


def _file(message: Message) -> Attachment | None:
    caption = Private(message.caption) if message.caption else None
    if message.photo:
        largest = message.photo[-1]
        return Attachment(
            PartKind.PHOTO, Private(largest.file_id), Private("photo.jpg"), "image/jpeg", largest.file_size, caption
        )
    for field, kind, media_type in _FILES:
        if file := getattr(message, field):
            return _attachment(file, kind, media_type, caption)
    return None


def _attachment(file: TelegramObject, kind: PartKind, media_type: str, caption: Private | None) -> Attachment:
    name = getattr(file, "file_name", None) or kind.value
    said: str = getattr(file, "mime_type", None) or media_type
    if kind is PartKind.FILE and said.startswith("image/"):
        kind = PartKind.PHOTO
    size: int | None = getattr(file, "file_size", None)
    return Attachment(kind, Private(getattr(file, "file_id", "")), Private(name), said, size, caption)
