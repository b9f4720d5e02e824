"""Typed numbers and labels become the choices they stand for."""

import unicodedata
from collections.abc import Mapping, Sequence

import regex

from bot.i18n.fold import fold
from bot.interview.script import QUESTIONS
from bot.model.codes import DANGER, count_band

_ENCLOSING_KEYCAP = "\ufe0f\u20e3"


def numbers(text: str) -> tuple[int, ...]:
    """Read a message that is nothing but numbers, in any script or as keycaps; else nothing.

    >>> numbers("២"), numbers("1, 3"), numbers("3 men")
    ((2,), (1, 3), ())
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if char not in _ENCLOSING_KEYCAP)
    plain = "".join(str(unicodedata.digit(char, char)) for char in plain).strip(" .,;。)")
    if not _ONLY_NUMBERS.fullmatch(plain):
        return ()
    return tuple(int(digits) for digits in _DIGITS.findall(plain))


_ONLY_NUMBERS = regex.compile(r"[0-9]{1,4}(?:[\s,;、，&+/.]+[0-9]{1,4}){0,9}")
_DIGITS = regex.compile(r"[0-9]+")


type Labels = Mapping[str, Sequence[str]]
"""Folded labels, in all languages, with the ids that each stands for: "family" is a role and a restriction."""


def resolve(text: str, pending: str | None, labels: Labels) -> tuple[str, ...]:
    """Say which choices a typed message stands for; nothing if it is more than that.

    Args:
        text: What was typed.
        pending: Id of the question that waits.
        labels: Of all choices.
    """
    typed = numbers(text)
    if pending and typed:
        return _by_number(typed, pending)
    offered = QUESTIONS[pending].choices if pending else ()
    named = [choice for choice in labels.get(fold(text), ()) if choice in offered or choice.startswith("language:")]
    return tuple(named[-1:])


def resolve_offered(text: str, offered: Sequence[str], labels: Labels) -> tuple[str, ...]:
    """Say which of a few choices that belong to no question a typed number or label stands for."""
    typed = numbers(text)
    if len(typed) == 1 and 1 <= typed[0] <= len(offered):
        return (offered[typed[0] - 1],)
    return tuple(choice for choice in labels.get(fold(text), ()) if choice in offered)[:1]


def _by_number(typed: Sequence[int], pending: str) -> tuple[str, ...]:
    """A number at the question of how many is a number of people; elsewhere the place in the list; 0 is danger."""
    if tuple(typed) == (0,):
        return (DANGER,)
    if pending == "ask_count":
        return (f"count:{count_band(typed[0])}",) if len(typed) == 1 and typed[0] > 0 else ()
    choices = QUESTIONS[pending].choices
    if not QUESTIONS[pending].is_numbered or not all(1 <= number <= len(choices) for number in typed):
        return ()
    return tuple(choices[number - 1] for number in typed)
