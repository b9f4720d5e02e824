"""Which language a text is in: by script, then by frequent words and characters, then by py3langid."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import regex

from nlu.clauses import clauses
from nlu.normal import normalise
from nlu.toml import read_toml

UNKNOWN: Final = "und"
"""BCP 47 for undetermined."""

_MAX_CHARS: Final = 1_000
_HERE: Final = Path(__file__).resolve().parent
_NOISE: Final = regex.compile(r"(?:https?://|www\.)\S+|\S+@\S+|@\w+")
_WEIGHTS: Final[Mapping[str, int]] = {"Han": 3}
"""A Chinese character says about as much as three letters."""

_ONE_LANGUAGE: Final[Mapping[str, str]] = {
    "Khmer": "km",
    "Thai": "th",
    "Lao": "lo",
    "Myanmar": "my",
    "Bengali": "bn",
    "Tamil": "ta",
    "Sinhala": "si",
    "Hangul": "ko",
    "Ethiopic": "am",
    "Cyrillic": "ru",
}
"""Scripts that one of our languages is written in."""

_SCRIPTS: Final = (*_ONE_LANGUAGE, "Devanagari", "Arabic", "Han", "Latin")
_SCRIPT: Final = regex.compile(
    "|".join([r"(?P<Kana>[\p{Hiragana}\p{Katakana}])", *(rf"(?P<{name}>\p{{{name}}})" for name in _SCRIPTS)])
    + r"|(?P<Foreign>\p{L})"
)
_VIETNAMESE: Final = regex.compile(r"[ăđơư\u1ea0-\u1ef9]")
_URDU: Final = regex.compile(r"[ٹڈڑںےگچپھہکی]")
_ARABIC: Final = regex.compile(r"[ةىكيإأؤئ]")
_WORD: Final = regex.compile(r"[\p{Latin}']+")
_NEPALI: Final = frozenset(
    [
        "छ",
        "छन्",
        "छु",
        "हो",
        "होइन",
        "छैन",
        "मलाई",
        "हामी",
        "हामीलाई",
        "गर्छ",
        "गर्नु",
        "भयो",
        "भएको",
        "लाई",
        "बाट",
        "मा",
        "थियो",
        "पनि",
        "त्यहाँ",
    ]
)
_HINDI: Final = frozenset(
    [
        "है",
        "हैं",
        "हूँ",
        "हूं",
        "नहीं",
        "मुझे",
        "हम",
        "हमें",
        "था",
        "थे",
        "थी",
        "में",
        "से",
        "का",
        "की",
        "के",
        "और",
        "भी",
        "यहां",
        "वहाँ",
        "मैं",
        "रहे",
        "रहा",
    ]
)
_LANGID: Final[Mapping[str, str]] = {"tl": "fil"}
"""py3langid's tag, and ours."""
_LEAST_LETTERS: Final = 8
"""Of words that no list knows, before py3langid is asked."""


def identify(text: str) -> str:
    """Return the BCP 47 tag of the language that most of `text` is in, "und" for none.

    Looks at the first 1,000 characters; addresses of pages and accounts do not count. Romanised Khmer is "km".
    """
    words = _NOISE.sub(" ", text[:_MAX_CHARS])
    script = _script(words)
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script]
    return _BY_SCRIPT[script](words) if script in _BY_SCRIPT else UNKNOWN


def others(text: str, main: str) -> tuple[str, ...]:
    """Return the languages of clauses that are not in `main`, which is the text's, in text order, each once."""
    start_of = text[:_MAX_CHARS]
    found = dict.fromkeys(identify(start_of[start:end]) for start, end in clauses(start_of))
    return tuple(language for language in found if language not in {main, UNKNOWN})


def _script(text: str) -> str | None:
    """Return the script that says most; Japanese syllables beside Han make all of it Japanese."""
    letters = Counter(match.lastgroup or "" for match in _SCRIPT.finditer(text))
    if letters.get("Kana"):
        letters["Kana"] += 3 * letters.pop("Han", 0)
    return max(letters, key=lambda script: letters[script] * _WEIGHTS.get(script, 1), default=None)


def _written(text: str) -> str:
    """Return the way of writing Chinese; simplified where no character tells."""
    simplified, traditional = _han()
    votes = sum(char in traditional for char in text) - sum(char in simplified for char in text)
    return "zh-Hant" if votes > 0 else "zh-Hans"


def _japanese(_: str) -> str:
    return "ja"


def _devanagari(text: str) -> str:
    words = regex.findall(r"[\p{L}\p{M}]+", text)
    votes = sum(_is_nepali(word) for word in words) - sum(word in _HINDI for word in words)
    return ("ne" if votes > 0 else "hi") if votes else _ranked(text, ("hi", "ne"))


def _is_nepali(word: str) -> bool:
    return word in _NEPALI or word.endswith(("लाई", "बाट", "हरू", "छन्", "छु", "छौं", "को"))


def _perso_arabic(text: str) -> str:
    votes = len(_URDU.findall(text)) - len(_ARABIC.findall(text))
    return ("ur" if votes > 0 else "ar") if votes else _ranked(text, ("ar", "ur"))


def _spoken(text: str) -> str:
    """Return the language of a text in Latin letters: by its letters, by frequent words, at last by py3langid."""
    normal = normalise(text)
    if _VIETNAMESE.search(normal.text):
        return "vi"
    words = [word.replace("'", "") for word in _WORD.findall(normal.plain)]
    score = {language: sum(word in known for word in words) for language, known in _known_words().items()}
    score = {language: hits for language, hits in score.items() if hits > 1 or language in _LATIN}
    best = max(score.values())
    leading = [language for language, hits in score.items() if hits == best]
    if best and len(leading) == 1:
        return leading[0]
    return _tied(text, leading if best else [], words)


def _tied(text: str, leading: Sequence[str], words: Sequence[str]) -> str:
    """Return the likeliest of languages that the words do not tell apart."""
    known = {_LANGID.get(tag, tag) for tag in _identifier().labels}
    among = [language for language in leading or _LATIN if language in _LATIN and language in known]
    if among and (leading or sum(map(len, words)) >= _LEAST_LETTERS):
        return _ranked(text, among)
    return leading[0] if leading else UNKNOWN


def _ranked(text: str, among: Sequence[str]) -> str:
    """Return the one of these languages that py3langid finds likeliest."""
    ranking = ((_LANGID.get(tag, tag), value) for tag, value in _identifier().rank(text))
    return next((tag for tag, _ in ranking if tag in among), UNKNOWN)


_LATIN: Final = ("en", "vi", "id", "ms", "fil", "fr", "pt", "sw")
_BY_SCRIPT: Final = {
    "Han": _written,
    "Kana": _japanese,
    "Devanagari": _devanagari,
    "Arabic": _perso_arabic,
    "Latin": _spoken,
}


@lru_cache(maxsize=1)
def _han() -> tuple[frozenset[str], frozenset[str]]:
    table = read_toml(_HERE / "han.toml")
    return frozenset(table["simplified"]) - {"\n"}, frozenset(table["traditional"]) - {"\n"}


@lru_cache(maxsize=1)
def _known_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(_split(words)) for language, words in read_toml(_HERE / "words.toml").items()}


def _split(words: str) -> Iterable[str]:
    return words.split()


@lru_cache(maxsize=1)
def _identifier() -> Any:  # noqa: ANN401  py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  a third of a second, and rarely needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
