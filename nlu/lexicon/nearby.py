"""What stands right beside a stretch of a text, and where its clause ends."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import regex

from nlu.lexicon.matcher import Hit
from nlu.normal import UNSPACED, Normal

Value = TypeVar("Value")

_BORDER: Final = regex.compile(r"[\n.,;:!?()\u3002\uff0c\u3001\u2026\u17d4\u17d5\u061f\u060c\u06d4\u0964\u1362\u1363]")
"""Ends a clause: stops and commas of the scripts in use, after NFKC."""


def clause_start(normal: Normal, position: int) -> int:
    """Return where the clause that holds `position` begins."""
    return max((match.end() for match in _BORDER.finditer(normal.text, 0, position)), default=0)


def clause_ends_at(normal: Normal, position: int) -> bool:
    """Tell whether nothing of the clause follows `position` but blanks."""
    rest = normal.text[position:].lstrip(" ")
    return (
        not rest
        or bool(_BORDER.match(rest))
        or (len(rest) < len(normal.text) - position and _unspaced(normal, position))
    )


def before(  # noqa: UP047  Python 3.10 reads this too
    normal: Normal, hits: Iterable[Hit[Value]], start: int
) -> Hit[Value] | None:
    """Return the hit that ends at `start`, blanks and a colon aside."""
    edge = len(normal.text[:start].rstrip(" :"))
    return next((hit for hit in hits if hit.end in (edge, start)), None)


def cue_before(normal: Normal, cues: Sequence[Hit[str]], start: int) -> str | None:
    """Return the cue that ends at `start`, over words that say nothing."""
    cue = before(normal, cues, start)
    while cue and cue.value == "filler":
        cue = before(normal, cues, cue.start)
    return cue.value if cue else None


def after(  # noqa: UP047
    normal: Normal, hits: Iterable[Hit[Value]], end: int
) -> Hit[Value] | None:
    """Return the hit that starts at `end`, blanks aside; where words are not spaced, a blank ends a clause."""
    if _unspaced(normal, end):
        return next((hit for hit in hits if hit.start == end), None)
    edge = end + len(normal.text[end:]) - len(normal.text[end:].lstrip(" "))
    return next((hit for hit in hits if hit.start in (end, edge)), None)


def _unspaced(normal: Normal, position: int) -> bool:
    return UNSPACED.match(normal.text[position - 1 : position]) is not None
