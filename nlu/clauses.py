"""Cuts a message into clauses, so that one fact in a long run is heard on its own."""

from collections.abc import Iterator
from typing import Final

import regex

from nlu.normal import UNSPACED

_STRETCH: Final = regex.compile(r"(?:(?![\n.!?;,:…。！？；，、：៕។؟،۔।॥።፣()]|\s[-–—]\s).)+")
_LETTER: Final = regex.compile(r"\p{L}")
_WORD: Final = regex.compile(r"\S+")
_GRAPHEME: Final = regex.compile(r"\X")
"""No vowel sign is cut from its letter."""

MAX_CLAUSES: Final = 12

_WINDOW_WORDS: Final = 10
"""A stretch without stops is heard in overlapping windows of so many words ..."""
_WINDOW_GRAPHEMES: Final = 24
"""... or, where words are not spaced, of so many graphemes."""

Span = tuple[int, int]


def clauses(text: str) -> list[Span]:
    """Return where up to 12 different clauses stand in `text`; none if the whole is one clause."""
    found: dict[str, Span] = {}
    for stretch in _STRETCH.finditer(text):
        for start, end in _windows(text, *stretch.span()):
            found.setdefault(text[start:end].strip(), (start, end))
    found.pop(text.strip(), None)
    return [span for part, span in found.items() if _LETTER.search(part)][:MAX_CLAUSES]


def _windows(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a stretch without stops: whole if short, else in windows that overlap by half."""
    unspaced = UNSPACED.search(text, start, end)
    size = _WINDOW_GRAPHEMES if unspaced else _WINDOW_WORDS
    units = [unit.span() for unit in (_GRAPHEME if unspaced else _WORD).finditer(text, start, end)]
    last = max(0, len(units) - size)
    if last < size // 2:
        yield start, end
        return
    for first in range(0, last + size // 2, size // 2):
        window = units[first : first + size]
        yield window[0][0], window[-1][1]
