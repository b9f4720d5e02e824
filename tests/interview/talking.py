"""Short ways to lead an interview."""

from typing import Any
from uuid import UUID

from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.model.message import Text
from bot.model.private import Private
from bot.model.report import Slot
from bot.model.session import Session
from nlu.lexicon import command, shipped
from nlu.understanding import Indicator, Understanding

SESSION = Session(UUID("6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11"), "web", language="en", greeted=True)


def tell(session: Session, words: str, *, intent: str = "report_self", indicators: Any = (), **facts: Any) -> Outcome:
    """Say words of which this is understood."""
    found = tuple(Indicator(code, 0.9) for code in indicators)
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    understood = Understanding(intent=intent, confidence=0.9, indicators=found, **facts)
    return advance(session, Heard(Text(Private(words)), understood))


def talk(outcome: Outcome, *texts: str) -> Outcome:
    """Go on with words that only the word lists understand."""
    for text in texts:
        outcome = advance(outcome.session, Heard(Text(Private(text)), command=command(text, shipped())))
    return outcome


def said(outcome: Outcome) -> list[str]:
    return [say.key for say in outcome.say]


def codes(outcome: Outcome, slot: Slot) -> list[str]:
    return [answer.value for answer in outcome.session.report.all(slot)]
