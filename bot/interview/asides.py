"""What we answer when the reporter asks us something, and our own question stays where it is."""

from collections.abc import Mapping

from bot.i18n.languages import LANGUAGES
from bot.model.reply import Say
from bot.model.session import Session

QUESTIONS_TO_US: Mapping[str, str] = {
    "ask_service": "service",
    "ask_status": "status",
    "ask_human": "human",
    "ask_advice": "advice",
}
ASIDES: Mapping[str, str] = {**QUESTIONS_TO_US, "thank": "thanks", "out_of_scope": "out_of_scope"}
"""By intent, the message that answers it."""


def answer(session: Session, key: str) -> tuple[Say, ...]:
    """Answer with what is known: what the hotline said of the report, which embassy speaks the language."""
    match key:
        case "status" if session.handling:
            return (Say(f"status_{session.handling}"),)
        case "advice" if embassies := _embassies(session):
            return (Say("advice"), Say("embassy_hint", {"embassy": " ".join(embassies)}))
        case _:
            return (Say(key),)


def _embassies(session: Session) -> tuple[str, ...]:
    language = LANGUAGES.get(session.language)
    return language.embassies if language else ()
