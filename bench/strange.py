"""Texts that nobody writes, and texts that people do write cut to pieces: each by its number, the same at each call.

Python 3.10 of nlu/.venv. Pieces come from nlu/data, so that a number stands for the same text while the data does.
"""

import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from random import Random
from typing import Final

import regex

from nlu.check_data import examples
from nlu.lexicon.words import DATA, read

Kind = Callable[[Random, int], str]
"""Makes a text of about so many characters; longer ones are cut."""

LONGEST_CHARS: Final = 100_000
_SIZES: Final = (
    (0.6000, 1, 12),
    (0.3650, 12, 40),
    (0.0300, 40, 300),
    (0.0045, 300, 4_000),
    (0.0003, 4_000, LONGEST_CHARS),
    (0.0002, LONGEST_CHARS, LONGEST_CHARS),
)
"""Share of texts, least and most characters: as messages are, with a tail that no person types."""

_RANGES: Final = (
    (0x0041, 0x024F),  # Latin
    (0x1E00, 0x1EFF),  # Latin of Vietnamese
    (0x1780, 0x17FF),  # Khmer
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x1000, 0x109F),  # Burmese
    (0x0900, 0x097F),  # Devanagari
    (0x0980, 0x09FF),  # Bengali
    (0x0B80, 0x0BFF),  # Tamil
    (0x0D80, 0x0DFF),  # Sinhala
    (0x0600, 0x06FF),  # Arabic
    (0x0590, 0x05FF),  # Hebrew
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x1200, 0x137F),  # Ethiopic
    (0x1100, 0x11FF),  # Hangul in parts
    (0xAC00, 0xD7A3),  # Hangul in syllables
    (0x3040, 0x30FF),  # Kana
    (0x4E00, 0x9FFF),  # Han
    (0x20000, 0x2A6DF),  # Han, rare
    (0xFF00, 0xFFEF),  # full-width and half-width forms
    (0x1D400, 0x1D7FF),  # mathematical letters, which NFKC makes Latin
    (0xFDF0, 0xFDFF),  # one letter that NFKC makes eighteen
)
_BLOCK: Final = 128
_BLOCKS_END: Final = 0x20000
_BIDI: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" + "aZ9 .אשגمرحبا٣"
_ENDS: Final = ("\n", "\n", "\n", "\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\f")
_EMOJI: Final = ("👨‍👩‍👧‍👦", "👩🏿‍❤️‍💋‍👨🏻", "🏳️‍🌈", "🇰🇭", "🇰", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👍🏽", "\u200d", "\ufe0f", "😀")
_BRACKETS: Final = (
    ("[", "]"),
    ("(", ")"),
    ("[", "](place)"),
    ('[x](place){"value":', "}"),
    ("<b>", "</b>"),
    ("“", "”"),
    ("{", "}"),
)
_NUMBERS: Final = (
    "{}",
    "we are {} people",
    "age {}",
    "{} 人",
    "មាន {} នាក់",
    "+{}",
    "-{}",
    "{}.5",
    "1e{}",
    "{}%",
    "0x{}",
)
_JSON: Final = (
    '{"text":',
    "[[[",
    "null",
    "1e999",
    "NaN",
    '"\\ud800"',
    '"intent": {"name": "erase"}',
    "}",
    ",",
    "\\u0000",
)
_CODE: Final = (
    "'; DROP TABLE inbox; --",
    '" OR 1=1',
    "/erase{",
    '/restart{"a": 1}',
    "<script>alert(1)</script>",
    "${jndi:ldap://a}",
    "{{7*7}}",
    "%s%n%x",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "\\x00\\",
    "__CLS__",
    "lookup:",
    "xn--",
)
_KILLERS: Final = (
    "a",
    " ",
    "\t ",
    "(",
    "((a+",
    "1,111",
    "1.",
    "1,",
    " - ",
    "http://",
    "www.",
    "a@",
    "@",
    "a.",
    "'",
    "ា",
    "្",
    "12 people ",
    "age 12 ",
    "not ",
    "from ",
    "twenty ",
    "hai mươi ",
    "十",
)
_SPOILERS: Final = ("!", "", "x", "@", "1", "\n")


def strange(number: int) -> tuple[str, str]:
    """Return the name of a kind, and the text with this number."""
    rng = Random(number)  # noqa: S311  to be repeated, not secret
    share, names = [weight for weight, _ in KINDS.values()], list(KINDS)
    name = rng.choices(names, share)[0]
    size = _size(rng)
    return name, KINDS[name][1](rng, size)[:size]


def _size(rng: Random) -> int:
    _, least, most = rng.choices(_SIZES, [share for share, _, _ in _SIZES])[0]
    return rng.randint(least, most)


def _of(chars: Callable[[], Sequence[str]]) -> Kind:
    return lambda rng, size: "".join(rng.choices(chars(), k=size))


def _joined(rng: Random, size: int, pieces: Sequence[str], joint: str = "") -> str:
    """Return random pieces, of which each has a character or more."""
    return joint.join(rng.choices(pieces, k=min(size, 1 + size // 2)))


def _code_points(first: int, end: int, rng: Random, size: int) -> str:
    return "".join(map(chr, rng.choices(range(first, end), k=size)))


def _script(rng: Random, size: int) -> str:
    first, last = rng.choice(_RANGES)
    return _code_points(first, last + 1, rng, size)


def _block(rng: Random, size: int) -> str:
    """Return neighbours among the code points of the first two planes: so each script gets its turn."""
    first = rng.randrange(0, _BLOCKS_END, _BLOCK)
    return _code_points(first, first + _BLOCK, rng, size)


def _surrogates(rng: Random, size: int) -> str:
    return "".join(rng.choice("a ") + chr(rng.randrange(0xD800, 0xE000)) for _ in range(size))


def _storm(rng: Random, size: int) -> str:
    return rng.choice("aកกကकا😀") + _marks(rng, size)


def _zalgo(rng: Random, size: int) -> str:
    return "".join(char + _marks(rng, rng.randint(0, 20)) for char in _spliced(rng, size))


def _marks(rng: Random, size: int) -> str:
    return _code_points(0x0300, 0x0370, rng, size)


def _run(rng: Random, size: int) -> str:
    return _script(rng, 1) * size


def _glued(rng: Random, size: int) -> str:
    return regex.sub(r"[\p{Z}\p{P}\s]+", "", _joined(rng, size, utterances()))


def _huge_number(rng: Random, size: int) -> str:
    return rng.choice(_NUMBERS).format("".join(rng.choices("0123456789,", k=max(1, size - 12))))


def _nested(rng: Random, size: int) -> str:
    opening, closing = rng.choice(_BRACKETS)
    depth = 1 + size // len(opening + closing)
    return opening * depth + "x" + closing * depth


def _killer(rng: Random, size: int) -> str:
    piece = rng.choice(_KILLERS)
    return piece * ((size - 1) // len(piece)) + rng.choice(_SPOILERS)


def _nuls(rng: Random, size: int) -> str:
    return rng.choice(("\0" * size, "\0".join(_spliced(rng, size))))


def _lines(rng: Random, size: int) -> str:
    return rng.choice(("\n" * size, _joined(rng, size, _ENDS), "x\n" * size))


def _spliced(rng: Random, size: int) -> str:
    """Return pieces of utterances, of several languages."""
    whole = (rng.choice(utterances()) for _ in range(1 + size // 15))
    return rng.choice(("", " ", ", ", "\n", "។")).join(text[rng.randrange(len(text)) :] for text in whole)


def _shuffled(rng: Random, size: int) -> str:
    """Return one utterance's words or letters in another order, as often as fills the size."""
    text = rng.choice(utterances())
    units = rng.choice((text.split(" "), list(text)))
    rng.shuffle(units)
    return (rng.choice((" ", "")).join(units) + " ") * (1 + size // len(text))


def _number_words(rng: Random, size: int) -> str:
    return _joined(rng, size, words("number"), rng.choice(("", " ")))


def _cue_words(rng: Random, size: int) -> str:
    """Return words that the lexicon looks for beside each other."""
    tables = rng.sample(("command", "danger", "negation", "count", "age", "nationality", "place", "cue"), 3)
    some = [word for table in (*tables, "number") for word in words(table)]
    return _joined(rng, size, some, rng.choice(("", " ")))


def _mixture(rng: Random, size: int) -> str:
    """Return stretches of several kinds."""
    kinds = [kind for name, (_, kind) in KINDS.items() if name != "mixture"]
    return "".join(kind(rng, 1 + size // 3)[: 1 + size // 3] for kind in rng.choices(kinds, k=3))


@cache
def utterances() -> tuple[str, ...]:
    """Return every training utterance, twice: plain, and with the marks of its entities. Takes some seconds."""
    found = list(examples(DATA))
    return tuple(text for example in found for text in (example.text, example.marked) if text)


@cache
def words(table: str) -> tuple[str, ...]:
    """Return the words of this table of every language's lexicon."""
    files = [read(path) for path in sorted([*DATA.glob("*/lexicon.toml"), *DATA.glob("*/cues.toml")])]
    entries = (entry for file in files for entry in file.get(table, {}).items())
    return tuple(word for key, value in entries for word in (value if isinstance(value, list) else [key]) if word)


@cache
def characters(*categories: str) -> tuple[str, ...]:
    """Return every character whose general category begins so ("P", "Nd")."""
    every = map(chr, range(sys.maxunicode + 1))
    return tuple(char for char in every if unicodedata.category(char).startswith(categories))


KINDS: Final[Mapping[str, tuple[int, Kind]]] = {
    "spliced": (12, _spliced),
    "shuffled": (6, _shuffled),
    "mixture": (4, _mixture),
    "planes": (1, partial(_code_points, 0, sys.maxunicode + 1)),
    "block": (2, _block),
    "script": (3, _script),
    "surrogates": (1, _surrogates),
    "storm": (1, _storm),
    "zalgo": (1, _zalgo),
    "run": (1, _run),
    "glued": (1, _glued),
    "bidi": (1, _of(lambda: _BIDI)),
    "digits": (1, _of(lambda: characters("Nd"))),
    "huge_number": (1, _huge_number),
    "number_words": (1, _number_words),
    "cue_words": (2, _cue_words),
    "nested": (1, _nested),
    "json": (1, partial(_joined, pieces=_JSON)),
    "code": (1, partial(_joined, pieces=_CODE, joint=" ")),
    "killer": (2, _killer),
    "emoji": (1, partial(_joined, pieces=_EMOJI)),
    "punctuation": (1, _of(lambda: characters("P", "S"))),
    "controls": (1, _of(lambda: characters("Cc", "Cf"))),
    "blanks": (1, _of(lambda: characters("Z"))),
    "nuls": (1, _nuls),
    "lines": (1, _lines),
}
"""How often a kind is taken beside the others, and what makes it. What people could nearly write comes most."""
