"""Words that open a report again: eight of a language's 256 everyday words, which a person can learn by heart."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from bot.i18n.fold import fold
from bot.i18n.languages import FALLBACK, FOLDER, LANGUAGES

LISTED = 256
WORDS = 8
"""Eight of 256 are 64 bits."""
_LONGEST_CHARS = 400
"""Over twice the longest eight words. Every message is looked at, and a long one takes long to fold."""


@cache
def words(code: str) -> tuple[str, ...]:
    """Give a language's words, in the order of its file."""
    language = LANGUAGES.get(code, LANGUAGES[FALLBACK])
    return tuple((FOLDER / language.catalogue / "words.txt").read_text("utf-8").split())


def made(code: str, choose: Callable[[Sequence[str]], str]) -> str:
    """Make a receipt; `choose` must be fit for secrets."""
    return " ".join(choose(words(code)) for _ in range(WORDS))


def read(text: str) -> str | None:
    """Give the one form of a receipt, however it was spaced and written; None if a text is no eight words of a list.

    No word of a list is the beginning of another one, so there is one way to read them.
    """
    if len(text) > _LONGEST_CHARS:
        return None
    glued = fold(text)
    return glued if any(_is_made_of(glued, listed) for listed in _by_first().values()) else None


def _is_made_of(glued: str, listed: Mapping[str, tuple[str, ...]]) -> bool:
    for _ in range(WORDS):
        word = next((word for word in listed.get(glued[:1], ()) if glued.startswith(word)), None)
        if word is None:
            return False
        glued = glued[len(word) :]
    return not glued


@cache
def _by_first() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Give each language's folded words by their first character."""
    return MappingProxyType({code: _grouped([fold(word) for word in words(code)]) for code in LANGUAGES})


def _grouped(folded: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    firsts = dict.fromkeys(word[:1] for word in folded)
    return {first: tuple(word for word in folded if word.startswith(first)) for first in firsts}
