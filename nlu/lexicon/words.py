"""The lexicon: what nlu/data/<language>/lexicon.toml of all languages say, as one frozen value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import regex

from nlu.lexicon.matcher import Matcher
from nlu.normal import forms
from nlu.toml import TOMLDecodeError, read_toml

_PUNCTUATION: Final = regex.compile(r"[\p{P}\p{Z}\p{C}]+")

DATA: Final = Path(__file__).resolve().parent.parent / "data"

RELATIONS: Final = ("relative", "friend")
"""What the affected person is to the writer."""

CUES: Final = ("not", "origin", "present", "near", "future", "within", "others", "crowd", "counted", "filler")
"""What a word says of what stands beside it.

before a place: not there; from there; there now; near there; will or might be taken there;
before a country: the country as a place (`within`);
beside a nationality: other people than those affected (`others`: bosses, customers);
after a count: people to a room, not all (`crowd`); before a bare number: it counts people (`counted`);
between a cue and its place or nationality: nothing (`filler`: "the", "province of").
"""


class LexiconError(ValueError):
    """A lexicon file is not valid; the message names the file and the table."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages' words, ready to be looked up. Languages are not told apart: people mix them."""

    commands: Mapping[str, str] = field(repr=False)
    dangers: Matcher[str] = field(repr=False)
    denials_before: Matcher[bool] = field(repr=False)
    denials_after: Matcher[bool] = field(repr=False)
    numbers: Matcher[int] = field(repr=False)
    people: Matcher[bool] = field(repr=False)
    alone: Matcher[bool] = field(repr=False)
    age_before: Matcher[bool] = field(repr=False)
    age_after: Matcher[bool] = field(repr=False)
    nationalities: Matcher[str] = field(repr=False)
    places: Matcher[str] = field(repr=False)
    cues: Matcher[str] = field(repr=False)
    relations: Matcher[str] = field(repr=False)
    retractions: Matcher[bool] = field(repr=False)


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """Return the lexicon of the data folder beside this package, read once."""
    return load(DATA)


def load(folder: Path) -> Lexicon:
    """Read every language's `lexicon.toml`, and its `cues.toml` if it has one, into one lexicon.

    Raises:
        LexiconError: A file is not TOML, or a table has not the shape of words by code.
    """
    return build([read(path) for path in sorted([*folder.glob("*/lexicon.toml"), *folder.glob("*/cues.toml")])])


def read(path: Path) -> dict[str, Any]:
    """Read one lexicon file, checking that it is TOML made of tables."""
    try:
        tables = read_toml(path)
    except TOMLDecodeError as error:
        raise LexiconError(f"{path.parent.name}/{path.name}: {error}") from error
    wrong = [name for name, table in tables.items() if not isinstance(table, dict)]
    if wrong:
        raise LexiconError(f"{path.parent.name}/{path.name}: not a table: {', '.join(wrong)}")
    return tables


def build(files: Iterable[Mapping[str, Any]]) -> Lexicon:
    """Make one lexicon of the tables of several languages."""
    tables = list(files)
    return Lexicon(
        commands=_commands(words_by_code(tables, "command")),
        dangers=Matcher(words_by_code(tables, "danger")),
        denials_before=_flags(tables, "negation", "before"),
        denials_after=_flags(tables, "negation", "after"),
        numbers=Matcher(_numbers(tables)),
        people=_flags(tables, "count", "people"),
        alone=_flags(tables, "count", "alone"),
        age_before=_flags(tables, "age", "before"),
        age_after=_flags(tables, "age", "after"),
        nationalities=Matcher(words_by_code(tables, "nationality")),
        places=Matcher(words_by_code(tables, "place")),
        cues=Matcher(words_by_code(tables, "cue")),
        relations=Matcher(words_by_code(tables, "relation")),
        retractions=_flags(tables, "retraction", "words"),
    )


def words_by_code(tables: Iterable[Mapping[str, Any]], name: str) -> dict[str, str]:
    """Return word -> code for a table of lists; the first language to have a word keeps it.

    Raises:
        LexiconError: A code's value is not a list of strings.
    """
    found: dict[str, str] = {}
    for table in tables:
        for code, words in table.get(name, {}).items():
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise LexiconError(f"{name}.{code}: not a list of words")
            for word in words:
                found.setdefault(word, code)
    return found


def _commands(words: Mapping[str, str]) -> dict[str, str]:
    """Return normalised whole message -> command; as written goes before without marks."""
    spelled = [(forms(word), code) for word, code in words.items()]
    found: dict[str, str] = {}
    for which in (0, 1):
        for spellings, code in spelled:
            found.setdefault(_squashed(spellings[which]), code)
    return found


def bare(text: str) -> str:
    """Return a short message normalised, without punctuation and blanks at its ends."""
    return _squashed(forms(text)[0])


def _squashed(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", text).split())


def _flags(tables: Iterable[Mapping[str, Any]], name: str, key: str) -> Matcher[bool]:
    words = words_by_code([{name: {key: table.get(name, {}).get(key, [])}} for table in tables], name)
    return Matcher(dict.fromkeys(words, True))


def _numbers(tables: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in tables:
        for word, number in table.get("number", {}).items():
            if not isinstance(number, int):
                raise LexiconError("number: a value is not a whole number")
            found.setdefault(word, number)
    return found
