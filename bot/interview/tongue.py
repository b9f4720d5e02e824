"""Which language we answer in: the reporter's choice first, then what they write, then a hint of their app."""

from dataclasses import replace

from bot.i18n.languages import LANGUAGES, spoken
from bot.interview.heard import Heard
from bot.model.message import Attachment, Start, Text
from bot.model.reply import Say
from bot.model.session import Session

LANGUAGES_OFFERED = tuple(f"language:{code}" for code in LANGUAGES)
SURE_CHARS = 12
"""From this length on a language is right in 98 % of messages (shared measurement, November 2026)."""


def offer_languages() -> Say:
    """Ask for the language, by its own name."""
    return Say("ask_language", choices=LANGUAGES_OFFERED, numbered=False)


def follow_language(session: Session, heard: Heard) -> Session:
    """Answer in the language that the reporter writes, as long as they chose none."""
    if session.language_chosen:
        return session
    found = spoken(heard.understanding.language) or spoken(heard.hint)
    if not found or not (_is_first(session) or _is_sure(heard)):
        return session
    return replace(session, language=found)


def _is_first(session: Session) -> bool:
    return session.language == "und"


def _is_sure(heard: Heard) -> bool:
    """Whether the words are long enough to change the language of a chat that has one."""
    match heard.message:
        case Text(words):
            return len(words.reveal()) >= SURE_CHARS and spoken(heard.understanding.language) is not None
        case Attachment() | Start():
            return False
        case _:
            return False


def choose_language(session: Session, code: str) -> Session | None:
    """Take the reporter's choice; None if we do not speak it."""
    if code not in LANGUAGES:
        return None
    return replace(session, language=code, language_chosen=True)
