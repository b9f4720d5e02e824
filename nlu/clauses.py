"""Cuts a message into clauses, so that one fact in a long run is heard on its own."""

from collections.abc import Iterator
from typing import Final

import regex

_STOPS: Final = regex.compile(r"[\n.!?;,:…。！？；，、：៕។؟،۔।॥።፣()]+|\s[-–—]\s")
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Khmer}\p{Thai}\p{Lao}\p{Myanmar}\p{Hiragana}\p{Katakana}]")
_LETTER: Final = regex.compile(r"\p{L}")

MAX_CLAUSES: Final = 12
MAX_CHARS: Final = 800
"""Of a message: what lies further on is not cut, so that the time for one message stays bounded."""

_WINDOW_WORDS: Final = 10
"""A stretch without stops is heard in overlapping windows of so many words ..."""
_WINDOW_CHARS: Final = 24
"""... or, where words are not spaced, of so many characters."""


def clauses(text: str) -> list[str]:
    """Return up to 12 different clauses of the first 800 characters of `text`; none if the whole is one clause."""
    whole = text[:MAX_CHARS].strip()
    found = dict.fromkeys(part for piece in _STOPS.split(whole) for part in _windows(piece.strip()))
    found.pop(whole, None)
    return [part for part in found if _LETTER.search(part)][:MAX_CLAUSES]


def _windows(piece: str) -> Iterator[str]:
    """Yield a stretch without stops: whole if short, else in windows that overlap by half."""
    if _UNSPACED.search(piece):
        yield from _slide(_chunks(piece), "", _WINDOW_CHARS)
    else:
        yield from _slide(piece.split(), " ", _WINDOW_WORDS)


def _chunks(piece: str) -> list[str]:
    """Return the graphemes of a stretch: no vowel sign is cut from its letter."""
    return regex.findall(r"\X", piece)


def _slide(units: list[str], joint: str, size: int) -> Iterator[str]:
    last = max(0, len(units) - size)
    if last < size // 2:
        yield joint.join(units).strip()
        return
    for start in range(0, last + size // 2, size // 2):
        yield joint.join(units[start : start + size]).strip()
