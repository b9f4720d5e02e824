"""Understanding by word lists alone: what remains when the NLU server does not answer."""

from typing import Final

import regex

from nlu.language import identify
from nlu.lexicon.dangers import dangers_in
from nlu.lexicon.facts import MAX_CHARS, facts
from nlu.lexicon.words import Lexicon, bare
from nlu.normal import normalise
from nlu.understanding import Indicator, Understanding

_LONGEST_COMMAND: Final = 60
"""In characters; the longest entry of a lexicon is about half."""

_LONGEST_RETRACTION: Final = 400
"""In characters; who takes back a report does so at the start."""

_SIGNS: Final = regex.compile(r"\p{S}+")

_INTENT_OF: Final = {
    "yes": "affirm",
    "no": "deny",
    "dont_know": "dont_know",
    "stop": "stop",
    "erase": "erase",
    "hello": "greet",
    "language": "change_language",
}
"""The commands that say what the writer does; `skip` and `done` steer the interview alone."""


def command(text: str, lexicon: Lexicon) -> str | None:
    """Return the command that a whole short message is, None if it is none.

    One of yes, no, skip, dont_know, stop, erase, done, hello, language, receipt, hide.
    """
    if len(text) > _LONGEST_COMMAND:
        return None
    message = bare(text)
    return lexicon.commands.get(message) or lexicon.commands.get(_letters(message))


def retracts(text: str, lexicon: Lexicon) -> bool:
    """Tell whether `text` says that all is well, or takes back what was said: perhaps under pressure."""
    return bool(lexicon.retractions.find(normalise(text[:_LONGEST_RETRACTION])))


def intent_of_command(text: str, lexicon: Lexicon) -> str | None:
    """Return the intent of a message that is a command and nothing else, None if it is none or only steers."""
    return _INTENT_OF.get(command(text, lexicon) or "")


def understand_by_words(text: str, lexicon: Lexicon) -> Understanding:
    """Understand `text` without the server: facts, danger words, and an intent only for a clear command."""
    found = facts(text, lexicon)
    intent = intent_of_command(text, lexicon)
    return Understanding(
        language=identify(text),
        intent=intent,
        confidence=1.0 if intent else 0.0,
        indicators=tuple(Indicator(code, 1.0) for code in found.indicators),
        entities=found.entities,
        province=found.province,
        people_count=found.people_count,
        nationalities=found.nationalities,
        ages=found.ages,
    )


def states_danger(text: str, lexicon: Lexicon) -> frozenset[str]:
    """Return the indicators that the phrases of `text` state, and nothing else of it."""
    return frozenset(dangers_in(normalise(text[:MAX_CHARS]), lexicon))


def _letters(message: str) -> str:
    """Return a message without emoji and other signs: "ok 👍" is "ok"."""
    return " ".join(_SIGNS.sub(" ", message).split())
