"""What a text is made of, letter by letter: short runs of characters, words and pairs of words.

They say what a sentence vector blurs ("có ... không?", "has" or "had"), in every script, with or without spaces.
"""

from collections.abc import Iterator
from typing import Final

import regex

from nlu.normal import forms

MAX_CHARS: Final = 400
"""Of a text, only so much is looked at."""

_LONGEST: Final = 4
_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}']+")
_TWICE: Final = regex.compile(r"(\p{L})\1+")
_DIGIT: Final = regex.compile(r"\d")


def grams(text: str) -> list[str]:
    """Return every run of one to four characters inside a word, every word, every pair of words.

    Letters are compared without the marks of Latin script, a letter typed twice or more as typed once ("nooo"), and
    digits as one digit: "12" and "47" say the same here.
    """
    plain = _TWICE.sub(r"\1", _DIGIT.sub("0", forms(text[:MAX_CHARS])[1]))
    words = _WORD.findall(plain)
    runs = (run for piece in plain.split() for run in _runs(f" {piece} "))
    pairs = (f"_{first} {second}" for first, second in zip(["", *words], [*words, ""]))  # noqa: B905  Python 3.10 too
    return [*runs, *(f"_{word}" for word in words), *pairs]


def _runs(piece: str) -> Iterator[str]:
    for size in range(1, _LONGEST + 1):
        yield from (piece[start : start + size] for start in range(max(1, len(piece) - size + 1)))
