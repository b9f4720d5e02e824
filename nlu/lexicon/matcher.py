"""Finds the words of a lexicon in a text: the longest at each position, none across a word's border."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import regex

from nlu.normal import Normal, forms, parted

Value = TypeVar("Value")

_JOINED: Final = regex.compile(r"[\p{Hangul}\p{Ethiopic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Sinhala}]")
"""Scripts whose languages join endings to a word: from three characters on, a word is found before an ending."""
_STEM_CHARS: Final = 3
_LATIN: Final = regex.compile(r"\p{Latin}")
_MARK: Final = regex.compile(r"\p{M}")
_HEADS: Final = (10, 4, 3, 2, 1)
"""Words are found by so many first characters: the most that a word has. Hundreds of phrases begin with "they "."""
_LOOSE_CHARS: Final = 6
"""From this length on, a Latin word with some of its marks wrong is still that word."""


@dataclass(frozen=True, slots=True)
class Hit(Generic[Value]):  # noqa: UP046  Python 3.10 reads this too
    """One word found: `text[start:end]` of the normalised text, and what it stands for."""

    start: int
    end: int
    value: Value


class Matcher(Generic[Value]):  # noqa: UP046
    """Many words at once. Time grows with the text, hardly with the number of words."""

    def __init__(self, words: Mapping[str, Value]) -> None:
        """Take words in any spelling; where two become the same, the first stays."""
        self._by_head: dict[str, list[tuple[str, str, Value]]] = {}
        for word, value in words.items():
            text, plain = forms(word)
            if text:
                self._by_head.setdefault(plain[: _head(plain)], []).append((text, plain, value))
        self._heads: dict[str, tuple[int, ...]] = {}
        for head in sorted(self._by_head, key=len, reverse=True):
            sizes = self._heads.get(head[0], ())
            self._heads[head[0]] = sizes if len(head) in sizes else (*sizes, len(head))
        for terms in self._by_head.values():
            terms.sort(key=lambda term: -len(term[0]))

    def find(self, normal: Normal) -> list[Hit[Value]]:
        """Return the words in `normal`, in order, without overlaps."""
        hits: list[Hit[Value]] = []
        position = 0
        for start in normal.begins:
            if start >= position and normal.plain[start] in self._heads:
                hit = self._at(normal, start)
                if hit:
                    hits.append(hit)
                    position = hit.end
        return hits

    def _at(self, normal: Normal, start: int) -> Hit[Value] | None:
        """Return the longest word that begins at `start`, where a word may begin."""
        for head in self._heads[normal.plain[start]]:
            for text, plain, value in self._by_head.get(normal.plain[start : start + head], ()):
                end = start + len(text)
                if _same(normal, start, end, text, plain) and _ended(normal.plain, start, end):
                    return Hit(start, end, value)
        return None


def _head(plain: str) -> int:
    return next(size for size in _HEADS if size <= len(plain))


def _same(normal: Normal, start: int, end: int, text: str, plain: str) -> bool:
    """Tell whether the stretch is the word as written, without any marks, or long and nearly right."""
    if not normal.plain.startswith(plain, start):
        return False
    found = normal.text[start:end]
    exact = found == text or (found == plain and len(plain) > 2)
    return exact or len(plain) >= _LOOSE_CHARS or not _LATIN.match(plain[0])


def _ended(text: str, start: int, end: int) -> bool:
    """Tell whether a word may end here in the script of its own last character."""
    after = text[end : end + 1]
    if after and _MARK.match(after):  # amid a syllable
        return False
    stem = end - start >= _STEM_CHARS and _JOINED.match(text[end - 1]) is not None
    return stem or parted(text[end - 1], after)
