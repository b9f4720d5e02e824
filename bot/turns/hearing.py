"""What one update says: words understood, numbers and labels resolved, a pin located, a file fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Protocol

import regex

from bot.channels.channel import Channel
from bot.errors import AttachmentError, AttachmentTooBig
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import LANGUAGES, spoken
from bot.interview.heard import Heard
from bot.interview.resolve import fold, resolve
from bot.interview.script import QUESTIONS
from bot.metrics import UNDERSTOOD
from bot.model.message import Attachment, Message, Pin, Text, Update
from bot.privacy.places import locate
from nlu.lexicon import command, shipped
from nlu.lexicon.facts import MAX_CHARS
from nlu.understanding import Understanding


class Understands(Protocol):
    """Whoever understands utterances; never raises."""

    async def understand(self, text: str) -> Understanding:
        """Say what a text states."""
        ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """An update as the interview hears it, and the bytes of its file."""

    heard: Heard
    file: bytes | None = field(default=None, repr=False)


async def hear(update: Update, pending: str | None, channel: Channel, nlu: Understands) -> Hearing:
    """Listen to one update; `pending` is the question that waits."""
    message = update.message
    file, lost = await _fetched(message, channel)
    words = words_of(message)
    understanding = await _understood(words, nlu)
    return Hearing(
        Heard(
            message,
            understanding,
            command=command(words, shipped()) if words else None,
            choices=resolve(words, pending, labels()) if isinstance(message, Text) else (),
            pinned=locate(message.lat, message.lon) if isinstance(message, Pin) else None,
            lost=lost,
            cut=len(words) > MAX_CHARS,
            blank=isinstance(message, Text) and not _VISIBLE.search(words),
            hint=spoken(update.language),
        ),
        file,
    )


def words_of(message: Message) -> str:
    """Give the words of a message or caption, without halves of characters that no encoder takes."""
    match message:
        case Text(words) | Attachment(caption=words) if words is not None:
            return words.reveal().encode("utf-8", "replace").decode()
        case _:
            return ""


_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}--[\u3164\u2800\u115f\u1160]]", regex.V1)
"""Letters, digits and signs such as emoji, without the letters that Unicode leaves empty."""


async def _understood(words: str, nlu: Understands) -> Understanding:
    if not words.strip():
        return Understanding()
    understanding = await nlu.understand(words)
    UNDERSTOOD.labels("server" if understanding.by_server else "words").inc()
    return understanding


async def _fetched(message: Message, channel: Channel) -> tuple[bytes | None, str | None]:
    """Give a file's bytes, or the catalogue key that says why it could not be kept."""
    if not isinstance(message, Attachment):
        return None, None
    if message.size and message.size > channel.capabilities.max_file_bytes:
        return None, "file_too_big"
    try:
        return await channel.fetch(message), None
    except AttachmentTooBig:
        return None, "file_too_big"
    except AttachmentError:
        return None, "file_lost"


@cache
def labels() -> Mapping[str, str]:
    """Give the folded labels of every language with the choices they stand for."""
    choices = [choice for question in QUESTIONS.values() for choice in question.choices]
    found = {fold(catalogue_of(code).label(choice)): choice for code in LANGUAGES for choice in choices}
    names = {fold(language.own_name): f"language:{code}" for code, language in LANGUAGES.items()}
    return MappingProxyType(found | names)
