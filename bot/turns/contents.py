"""What goes into a sealed part, from one message (`docs/interfaces.md`, "What sealed content holds"). Pure."""

import base64
from datetime import UTC, datetime
from typing import Any

from bot.model.codes import ATTACHMENTS, PartKind
from bot.model.message import Attachment, ContactCard, Message, Pin, Unsent
from bot.privacy.files import cleaned
from bot.turns.hearing import Hearing, words_of
from nlu.understanding import Understanding


def content(kind: PartKind, hearing: Hearing, channel: str, now: datetime) -> dict[str, Any]:
    """Give what a part of this kind holds of a message; the sealer adds the ids."""
    message = hearing.heard.message
    return {
        "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "channel": channel,
        **_words(message, hearing.heard.understanding),
        **_thing(kind, message, hearing.file),
    }


def _words(message: Message, said: Understanding) -> dict[str, Any]:
    text = words_of(message)
    if not text:
        return {}
    entities = [{"entity": entity.entity, "value": entity.value or entity.text} for entity in said.entities]
    return {"text": text, "language": said.language, "entities": entities}


def _thing(kind: PartKind, message: Message, file: bytes | None) -> dict[str, Any]:
    match message:
        case Pin():
            return {"location": _location(message)}
        case ContactCard(card):
            return {"contact": card.reveal()}
        case Unsent():
            return {"event": "unsent"}
        case Attachment() if file is not None and kind in ATTACHMENTS:
            return {"file": _file(message, file)}
        case _:
            return {}


def _location(pin: Pin) -> dict[str, float]:
    accuracy = {} if pin.accuracy_m is None else {"accuracy_m": pin.accuracy_m}
    return {"lat": pin.lat, "lon": pin.lon, **accuracy}


def _file(attachment: Attachment, file: bytes) -> dict[str, str]:
    """Hold a copy without metadata where one can be made, and the evidence as it was sent beside it."""
    copy = cleaned(file, attachment.media_type)
    named = {"name": attachment.name.reveal(), "media_type": attachment.media_type}
    if copy is None:
        return {**named, "content": _base64(file)}
    return {**named, "content": _base64(copy), "original": _base64(file)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
