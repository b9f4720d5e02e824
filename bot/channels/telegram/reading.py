"""Telegram's updates as ours: pure, each alone (https://core.telegram.org/bots/api#update).

Read as bare JSON: what of it we do not know, or is not as documented, stops nothing.
"""

import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.channels.items import Fields, instant, objects, picked, pin_of, within, words
from bot.channels.taps import tapped
from bot.channels.wire import json_object
from bot.errors import UpdateError
from bot.model.codes import PartKind
from bot.model.message import (
    Address,
    Attachment,
    ContactCard,
    Envelope,
    Left,
    Message,
    Start,
    Text,
    Unsent,
    Unsupported,
    Update,
)
from bot.model.private import Private

NAME = "telegram"
UPDATE_TYPES = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")


def read_json(raw: bytes) -> dict[str, Any]:
    """Read the bytes of one update.

    Raises:
        UpdateError: They are no JSON object.
    """
    update = json_object(raw)
    if update is None:
        raise UpdateError("not an object")
    return update


def is_for_us(update: Fields) -> bool:
    """Tell whether an update is a private matter: nothing is answered in groups, where others would read it."""
    for kind in UPDATE_TYPES:
        part = update.get(kind)
        if _chat(part).get("type", "private") != "private":
            return False
        if kind == "my_chat_member" and isinstance(part, dict):
            return within(part, "new_chat_member").get("status") == "kicked"
        if kind == "edited_message" and isinstance(part, dict):
            return "text" in part or "caption" in part  # a live location moves by itself, and Telegram edits too
    return True


def _chat(part: object) -> Fields:
    """Give the chat of an update's part, also of a callback's message; empty where there is none."""
    return within(part, "chat") or within(within(part, "message"), "chat") or within(part, "from")


_FILES: Mapping[str, tuple[PartKind, str]] = MappingProxyType(
    {
        "voice": (PartKind.VOICE, "audio/ogg"),
        "audio": (PartKind.VOICE, "audio/mpeg"),
        "video": (PartKind.VIDEO, "video/mp4"),
        "video_note": (PartKind.VIDEO, "video/mp4"),
        "animation": (PartKind.VIDEO, "video/mp4"),
        "document": (PartKind.FILE, "application/octet-stream"),
    }
)
"""Fields of a message that hold a file; an animation stands before the document that repeats it."""
_READ = (
    *("message_id", "date", "edit_date", "text", "caption", "location", "venue", "contact", "photo"),
    *("data", "new_reaction", "new_chat_member"),
    *_FILES,
)


def kept(update: Fields) -> dict[str, Any]:
    """Give what of an update is stored: no names, no pictures of anybody, not where a message was forwarded from."""
    parts = {kind: _kept(update[kind]) for kind in UPDATE_TYPES if isinstance(update.get(kind), dict)}
    return {"update_id": update.get("update_id"), **parts}


def _kept(part: Fields) -> dict[str, Any]:
    """Keep what we read, where to answer, and the app's language; of a change of membership only what it is now."""
    held = picked(part, *_READ)
    if "new_chat_member" in held:
        held["new_chat_member"] = picked(held["new_chat_member"], "status")
    sender = picked(within(part, "from"), "language_code")
    return {**held, "chat": picked(_chat(part), "id", "type"), **({"from": sender} if sender else {})}


def envelope(raw: bytes) -> Envelope:
    """Say who sent an update and what its id is, however little of the rest can be read."""
    update = read_json(raw)
    update_id = update.get("update_id")
    if not isinstance(update_id, int):
        raise UpdateError("no update_id")
    chats = (_chat(update.get(kind)) for kind in UPDATE_TYPES)
    user = next((chat["id"] for chat in chats if isinstance(chat.get("id"), int)), "")
    return Envelope(str(update_id), Private(str(user)))


def parse(raw: bytes) -> Update:
    """Read one update.

    Raises:
        UpdateError: It is of nobody, or of a kind that we did not ask for.
    """
    update = read_json(raw)
    kind = next((kind for kind in UPDATE_TYPES if isinstance(update.get(kind), dict)), "")
    part = within(update, kind)
    user = _chat(part).get("id")
    if not isinstance(user, int):
        raise UpdateError("an update of nobody")
    return Update(
        dedupe=words(update.get("update_id")),
        address=Address(NAME, Private(str(user))),
        message=_said(kind, part),
        language=words(within(part, "from").get("language_code")) or None,
        message_id=words(part.get("message_id")) or None if kind.endswith("message") else None,
        sent_at=instant(part.get("edit_date") or part.get("date")),
    )


def _said(kind: str, part: Fields) -> Message:
    match kind:
        case "callback_query":
            return tapped(words(part.get("data")))
        case "message_reaction":
            return _reaction(part)
        case "my_chat_member":
            return Left()
        case "edited_message":
            return Text(Private(words(part.get("text")) or words(part.get("caption"))), edited=True)
        case _:
            return _text(part) or _pin(part) or _card(part) or _photo(part) or _file(part) or Unsupported()


def _text(part: Fields) -> Message | None:
    text = part.get("text")
    if not isinstance(text, str):
        return None
    return Start() if text.split(maxsplit=1)[:1] == ["/start"] else Text(Private(text))


def _reaction(part: Fields) -> Message:
    """An emoji put on a message is an answer; one taken off is taken back."""
    emojis = [words(reaction.get("emoji")) for reaction in objects(part.get("new_reaction"))]
    return Text(Private(emojis[-1])) if any(emojis) else Unsent()


def _pin(part: Fields) -> Message | None:
    at, venue = within(part, "location"), within(part, "venue")
    label = (venue.get("title"), venue.get("address"))
    return pin_of(at.get("latitude"), at.get("longitude"), *label, accuracy_m=at.get("horizontal_accuracy"))


def _card(part: Fields) -> Message | None:
    contact = within(part, "contact")
    name = " ".join(filter(None, (words(contact.get("first_name")), words(contact.get("last_name")))))
    lines = (name, words(contact.get("phone_number")), words(contact.get("vcard")))
    return ContactCard(Private("\n".join(filter(None, lines)))) if contact else None


def _photo(part: Fields) -> Message | None:
    """Take the largest size, which is the last: it is evidence."""
    sizes = objects(part.get("photo"))
    return _attachment(part, PartKind.PHOTO, {"file_name": "photo.jpg", **sizes[-1]}, "image/jpeg") if sizes else None


def _file(part: Fields) -> Message | None:
    for field, (kind, media_type) in _FILES.items():
        if file := within(part, field):
            return _attachment(part, kind, file, media_type)
    return None


def _attachment(part: Fields, kind: PartKind, file: Fields, usual: str) -> Message | None:
    handle, media_type = words(file.get("file_id")), words(file.get("mime_type")) or usual
    if not handle:
        return None
    if kind is PartKind.FILE and media_type.startswith("image/"):
        kind = PartKind.PHOTO
    name, size, caption = words(file.get("file_name")) or kind.value, file.get("file_size"), words(part.get("caption"))
    size = size if isinstance(size, int) else None
    return Attachment(kind, Private(handle), Private(name), media_type, size, Private(caption) if caption else None)


def synthetic(id_: str, words: str) -> bytes:
    """Write an update that Telegram never sends: of chat 0, with an id below all of Telegram's."""
    chat = {"id": 0, "type": "private"}
    message = {"message_id": 0, "date": int(time.time()), "chat": chat, "text": words}
    return json.dumps({"update_id": -int(id_[:12], 16), "message": message}).encode()
