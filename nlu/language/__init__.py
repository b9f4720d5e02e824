"""Which language a text is in: by script, then by characters and frequent words of our own languages."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

import regex

from nlu.normal import normalise
from nlu.toml import read_toml

UNKNOWN: Final = "und"
"""BCP 47 for undetermined: also every language that has no catalogue here."""

_MAX_CHARS: Final = 1_000
_HERE: Final = Path(__file__).resolve().parent
_NOISE: Final = regex.compile(r"(?:https?://|www\.)\S+|\S+@\S+|@\w+")
_WEIGHTS: Final = {"Han": 3, "Khmer": 1, "Latin": 1, "Foreign": 1}
"""A Chinese character says about as much as three letters."""
_SCRIPT: Final = regex.compile(
    r"(?P<Kana>[\p{Hiragana}\p{Katakana}])|(?P<Han>\p{Han})|(?P<Khmer>\p{Khmer})|(?P<Latin>\p{Latin})|(?P<Foreign>\p{L})"
)
_VIETNAMESE: Final = regex.compile(r"[ăđơư\u1ea0-\u1ef9]")
_VIETNAMESE_SHARED: Final = regex.compile(r"[âêôàáèéìíòóùúýãõĩũ]")
"""Vietnamese letters that French and Portuguese have too."""
_WORD: Final = regex.compile(r"[\p{Latin}']+")


def identify(text: str) -> str:
    """Return the BCP 47 tag of `text` among our languages, "und" for any other and for none.

    Looks at the first 1,000 characters; addresses of pages and accounts do not count.
    """
    words = _NOISE.sub(" ", text[:_MAX_CHARS])
    script = _script(words)
    if script == "Khmer":
        return "km"
    if script == "Han":
        return _written(words)
    return _spoken(words) if script == "Latin" else UNKNOWN


def _script(text: str) -> str | None:
    """Return the script that says most; Japanese syllables beside Han make all of it foreign."""
    letters = Counter(match.lastgroup or "" for match in _SCRIPT.finditer(text))
    if letters.pop("Kana", 0):
        letters["Foreign"] += letters.pop("Han", 0) + 1
    return max(letters, key=lambda script: letters[script] * _WEIGHTS[script], default=None)


def _written(text: str) -> str:
    """Return the way of writing Chinese; simplified where no character tells."""
    simplified, traditional = _han()
    votes = sum(char in traditional for char in text) - sum(char in simplified for char in text)
    return "zh-Hant" if votes > 0 else "zh-Hans"


def _spoken(text: str) -> str:
    """Return the language of a text in Latin letters: by Vietnamese letters, else by frequent words."""
    normal = normalise(text)
    words = _WORD.findall(normal.text)
    if _VIETNAMESE.search(normal.text):
        return "vi"
    known = _known_words()
    score = {language: sum(word.replace("'", "") in known[language] for word in words) for language in known}
    if _VIETNAMESE_SHARED.search(normal.text):
        plain = _WORD.findall(normal.plain)
        hits = sum(word in known["vi"] for word in plain)
        return "vi" if hits > score["other"] and 2 * hits >= len(words) else UNKNOWN
    best = max(score, key=lambda language: score[language])
    return best if best != "other" and _enough(score[best], score, len(words)) else UNKNOWN


def _enough(hits: int, score: dict[str, int], words: int) -> bool:
    """Tell whether the best language leads, and is known by more than a chance word in a long text."""
    return hits > 0 and list(score.values()).count(hits) == 1 and hits * 6 >= words


@lru_cache(maxsize=1)
def _han() -> tuple[frozenset[str], frozenset[str]]:
    table = read_toml(_HERE / "han.toml")
    return frozenset(table["simplified"]) - {"\n"}, frozenset(table["traditional"]) - {"\n"}


@lru_cache(maxsize=1)
def _known_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(_split(words)) for language, words in read_toml(_HERE / "words.toml").items()}


def _split(words: str) -> Iterable[str]:
    return words.replace("'", "").split()
