"""Typing mistakes: what haste does to a short message, made to learn from and to measure with."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import regex

from nlu.check_data import Example, examples
from nlu.normal import spelled

SLIP: Final = "quietline_slip"
"""Key of a training message that says again, mistyped, what the one before it says."""

_SHORTEST, _LONGEST = 3, 30
"""Characters of what is learnt mistyped: "ok" becomes another word, and in a long message a mistake changes little."""

_UNIT: Final = regex.compile(r"(?:\X(?<=\p{InSC=Invisible_Stacker}|\p{InSC=Virama}))*\X")
"""A letter with all that belongs to it. `\\X` alone parts a Khmer or Burmese letter from the one written below it."""
_LETTER: Final = regex.compile(r"\p{L}")


def units(text: str) -> list[str]:
    """Return the letters of `text`, each with its marks and what is written below it."""
    return [match[0] for match in _UNIT.finditer(text)]


def are_letters(some: Sequence[str]) -> bool:
    """Tell whether each of these units is a letter."""
    return all(_LETTER.match(unit) for unit in some)


def swapped(text: str, chance: Random) -> str:
    """Swap two neighbouring letters that differ; a text without any stays."""
    row = units(text)
    pairs = [at for at in range(len(row) - 1) if are_letters(row[at : at + 2]) and row[at] != row[at + 1]]
    if not pairs:
        return text
    at = chance.choice(pairs)
    return "".join([*row[:at], row[at + 1], row[at], *row[at + 2 :]])


@cache
def utterances(folder: Path) -> tuple[Example, ...]:
    """Return all that is learnt of <folder>/<language>/nlu.yml: the examples with their slips. Read once a process."""
    return tuple(with_slips(examples(folder)))


def with_slips(some: Iterable[Example]) -> Iterator[Example]:
    """Yield each example, and behind each short one its slip: mistyped, without entities.

    None that somebody types on purpose, in whatever language.
    """
    every = list(some)
    said = {spelled(example.text) for example in every}
    for example in every:
        yield example
        if _SHORTEST <= len(example.text) <= _LONGEST:
            slip = swapped(example.text, Random(zlib.crc32(example.text.encode())))  # noqa: S311  to be repeated
            if spelled(slip) not in said:
                yield replace(example, marked=slip, slip=True)
