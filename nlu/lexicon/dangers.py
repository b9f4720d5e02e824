"""Phrases that state an indicator wherever they stand, unless denied."""

from typing import Final

import regex

from nlu.lexicon.matcher import Hit
from nlu.lexicon.nearby import clause_start
from nlu.lexicon.words import Lexicon
from nlu.normal import Normal

_GAP_WORDS: Final = 1
"""Between a denial and what it denies: "not (been) beaten"."""
_GAP_CHARS: Final = 3
"""The same in a script without spaces."""
_SPACED: Final = regex.compile(r"[\p{Latin}\p{N}' ]*")


def dangers_in(normal: Normal, lexicon: Lexicon) -> list[str]:
    """Return the indicators that the phrases in `normal` state, in order, each denied one left out."""
    hits = lexicon.dangers.find(normal)
    if not hits:
        return []
    befores, afters = lexicon.denials_before.find(normal), lexicon.denials_after.find(normal)
    return [hit.value for hit in hits if not _denied(normal, hit, befores, afters)]


def _denied(normal: Normal, hit: Hit[str], befores: list[Hit[bool]], afters: list[Hit[bool]]) -> bool:
    floor = clause_start(normal, hit.start)
    denied_before = any(
        floor <= denial.start and denial.end <= hit.start and _close(normal.text[denial.end : hit.start])
        for denial in befores
    )
    return denied_before or any(
        hit.end <= denial.start and not normal.text[hit.end : denial.start].strip(" ") for denial in afters
    )


def _close(gap: str) -> bool:
    """Tell whether so little stands between that the denial still reaches over it."""
    if _SPACED.fullmatch(gap):
        return len(gap.split()) <= _GAP_WORDS
    return len(gap) <= _GAP_CHARS
