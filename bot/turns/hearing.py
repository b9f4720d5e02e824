"""What one update says: words understood, numbers and labels resolved, a pin located, a file fetched."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Protocol

import regex

from bot.channels.channel import Channel
from bot.errors import AttachmentError, AttachmentTooBig
from bot.i18n.catalogue import catalogue_of
from bot.i18n.fold import fold
from bot.i18n.languages import LANGUAGES, spoken
from bot.interview import decoy
from bot.interview.closing import CONFIRMED
from bot.interview.heard import Heard
from bot.interview.resolve import Labels, numbers, resolve, resolve_offered
from bot.interview.script import QUESTIONS
from bot.metrics import UNDERSTOOD
from bot.model.message import Attachment, Message, Pin, Text, Update
from bot.model.report import Slot
from bot.model.session import Session
from bot.privacy.places import locate
from bot.turns.times import Times
from nlu.lexicon import command, facts, only_number, retracts, shipped
from nlu.lexicon.facts import MAX_CHARS
from nlu.understanding import Understanding
from storage.sessions import Held


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


async def hear(update: Update, held: Held, channel: Channel, nlu: Understands, times: Times) -> Hearing:
    """Listen to one update of a reporter whose session is held."""
    message = update.message
    file, lost = await _fetched(message, channel)
    words = words_of(message)
    understanding = await _understood(words, nlu)
    understanding = _in_answer(understanding, words, held.session)
    return Hearing(
        Heard(
            message,
            understanding,
            command=command(words, shipped()) if words else None,
            choices=_choices(words, held.session) if isinstance(message, Text) else (),
            pinned=locate(message.lat, message.lon) if isinstance(message, Pin) else None,
            lost=lost,
            cut=len(words) > MAX_CHARS,
            blank=isinstance(message, Text) and not _VISIBLE.search(words),
            hint=spoken(update.language),
            retracts=retracts(words, shipped()),
            after_silence=held.purge_at is not None
            and times.now - (held.purge_at - times.rules.retention) > times.rules.silence,
            erased=_erased(held, channel, times.now),
        ),
        file,
    )


def _in_answer(said: Understanding, words: str, session: Session) -> Understanding:
    """Understand numbers by the question that waits.

    "About thirty" is people where it was asked how many, unlike "floor 6"; "12" in a list of eight is no child's age.
    """
    asked = QUESTIONS[session.pending].slot if session.pending else None
    if asked is Slot.PEOPLE_COUNT:
        number = only_number(words, shipped())
        return (
            said if number is None or _is_of_other_things(said, words) else replace(said, people_count=number, ages=())
        )
    is_bare = asked not in (None, Slot.IDENTITY) and bool(numbers(words))
    return Understanding(language=said.language) if is_bare else said


def _is_of_other_things(said: Understanding, words: str) -> bool:
    """Whether a number is people already, or an age by a word beside it; the model takes any bare number for an age."""
    other = any(entity.entity in _OTHER_NUMBERS for entity in said.entities)
    return bool(said.people_count or other or facts(words, shipped()).ages)


def _choices(words: str, session: Session) -> tuple[str, ...]:
    if session.hidden:
        return resolve_offered(words, decoy.CHOICES, labels())
    if session.confirming:
        return resolve_offered(words, CONFIRMED, labels())
    return resolve(words, session.pending, labels())


def _erased(held: Held, channel: Channel, now: datetime) -> str:
    """Give the message that says truthfully what an erasure leaves on the reporter's phone."""
    can = channel.capabilities
    if not (can.erases or can.clears):
        return "erased_by_hand"
    return "erased_old" if can.erases and now - held.begun_at > DELETABLE else "erased"


def words_of(message: Message) -> str:
    """Give the words of a message, a caption or a place, without halves of characters that no encoder takes."""
    match message:
        case Text(words) | Attachment(caption=words) | Pin(label=words) if words is not None:
            return words.reveal().encode("utf-8", "replace").decode()
        case _:
            return ""


_OTHER_NUMBERS = frozenset({"unit", "since", "money", "phone", "account", "document_number"})
"""Entities whose number counts no people."""
DELETABLE = timedelta(hours=48)
"""Telegram deletes no older message (https://core.telegram.org/bots/api#deletemessage)."""
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
def labels() -> Labels:
    """Give the folded labels of every language with the choices they stand for, a language's own name last."""
    choices = [*CONFIRMED, *decoy.CHOICES, *(choice for question in QUESTIONS.values() for choice in question.choices)]
    found: dict[str, dict[str, None]] = {}
    for code in LANGUAGES:
        for choice in choices:
            found.setdefault(fold(catalogue_of(code).label(choice)), {})[choice] = None
    for code, language in LANGUAGES.items():
        found.setdefault(fold(language.own_name), {})[f"language:{code}"] = None
    return MappingProxyType({label: tuple(choices) for label, choices in found.items()})
