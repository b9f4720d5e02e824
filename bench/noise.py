"""Measures how far understanding falls when a message is typed, pasted or sent through a careless keyboard.

`nlu/.venv/bin/python -m bench.noise FILE.jsonl [--model ARCHIVE]` from the repository root; lines as nlu.evaluate reads
them. Prints a table by kind of noise and, as the last line, one JSON object. Shows no text of the file.
"""

import argparse
import json
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import regex

from bench.machine import machine
from nlu import slips
from nlu.evaluate import Row, Understand, by_model, evaluate
from nlu.models import model_path
from nlu.normal import UNSPACED
from nlu.slips import are_letters, units

Kind = Callable[[str, Random, str], str]
"""A pure function of a text, the only chance it may use, and the text's language tag."""

_MARKED: Final = regex.compile(r"\p{Latin}\p{M}*")
_GAP: Final = regex.compile(r"(?<=\S)\s+(?=\S)")
_LEAST_LETTERS: Final = 4
"""Of a message in which two are swapped: "no" with its letters swapped is another word."""
_EMOJI: Final = ("😀", "😭", "🙏", "❤️", "👍🏽", "🇰🇭", "👨‍👩‍👧", "‼️")
_EMOJI_SHARE: Final = 0.3
"""Of the gaps between words."""
_INVISIBLE: Final = ("\u200b", "\u200d", "\ufeff")
_INVISIBLE_SHARE: Final = 0.3
"""Of the places between letters."""
_FULL_WIDTH: Final = {ord(" "): 0x3000, **{code: code + 0xFEE0 for code in range(0x21, 0x7F)}}
_ZERO: Final[Mapping[str, int]] = {
    "km": 0x17E0,
    "th": 0x0E50,
    "lo": 0x0ED0,
    "my": 0x1040,
    "hi": 0x0966,
    "ne": 0x0966,
    "bn": 0x09E6,
    "ta": 0x0BE6,
    "ar": 0x0660,
    "ur": 0x06F0,
}
"""The digit nought of a language's script; the other nine follow it."""


def without_diacritics(text: str, _: Random, __: str) -> str:
    """Take the marks from Latin letters, as who types on a foreign keyboard."""
    return _MARKED.sub(lambda match: _bare(match[0]), text)


def swapped(text: str, rng: Random, _: str) -> str:
    """Swap two neighbouring letters, as in the slips that are learnt from; a text of fewer than four stays."""
    letters = sum(are_letters([unit]) for unit in units(text))
    return text if letters < _LEAST_LETTERS else slips.swapped(text, rng)


def doubled(text: str, rng: Random, _: str) -> str:
    """Write one letter twice."""
    row = units(text)
    letters = [at for at, unit in enumerate(row) if are_letters([unit])]
    if letters:
        row[rng.choice(letters)] *= 2
    return "".join(row)


def with_emoji(text: str, rng: Random, _: str) -> str:
    """Put emoji between some words; at the end where words are not spaced, or where chance put none."""
    if UNSPACED.search(text):
        return text + rng.choice(_EMOJI)
    placed = _GAP.sub(lambda gap: f" {rng.choice(_EMOJI)} " if rng.random() < _EMOJI_SHARE else gap[0], text)
    return f"{text} {rng.choice(_EMOJI)}" if placed == text else placed


def with_invisible(text: str, rng: Random, _: str) -> str:
    """Put characters of no width between some letters, as copying from a page does."""
    head, *tail = units(text) or [""]
    return head + "".join((rng.choice(_INVISIBLE) if rng.random() < _INVISIBLE_SHARE else "") + part for part in tail)


def full_width(text: str, _: Random, __: str) -> str:
    """Write ASCII in the forms of a Chinese or Japanese keyboard."""
    return text.translate(_FULL_WIDTH)


def native_digits(text: str, _: Random, language: str) -> str:
    """Write ASCII digits as the language's script does; a language without its own keeps them."""
    zero = _ZERO.get(language, ord("0"))
    return text.translate({ord("0") + value: chr(zero + value) for value in range(10)})


KINDS: Final[Mapping[str, Kind]] = {
    "diacritics": without_diacritics,
    "swapped": swapped,
    "doubled": doubled,
    "emoji": with_emoji,
    "invisible": with_invisible,
    "full_width": full_width,
    "digits": native_digits,
}


_DRAWS: Final = 4
"""Times that chance strikes each message: once is a matter of luck, by a point or two."""


def noisy(rows: Sequence[Row], kind: Kind) -> list[Row]:
    """Return the rows with noise of one kind, the same at each call: chance is seeded by a row's position."""
    return [
        {**row, "text": kind(row["text"], Random(position), row["lang"])}  # noqa: S311  to be repeated, not secret
        for position, row in enumerate(rows)
    ]


def measure(rows: Sequence[Row], kind: Kind, understand: Understand) -> dict[str, Any]:
    """Return all figures under one kind of noise, with the fall of the intent in points (hundredths).

    `fall_changed` is the fall among the messages that the noise changed at all: the others cannot fall.
    """
    rows = [*rows] * _DRAWS
    noise = noisy(rows, kind)
    changed = [at for at in range(len(rows)) if rows[at]["text"] != noise[at]["text"]]
    return {
        "changed": len(changed),
        "fall": _fall(rows, noise, understand),
        "fall_changed": _fall([rows[at] for at in changed], [noise[at] for at in changed], understand),
        **_all(noise, understand),
    }


def _fall(clean: Sequence[Row], noise: Sequence[Row], understand: Understand) -> float:
    """Return how many of a hundred messages lose their intent to the noise; less than 0 if some find it."""
    if not clean:
        return 0.0
    lost: float = _all(clean, understand)["intent"] - _all(noise, understand)["intent"]
    return round(100 * lost, 1)


def _all(rows: Sequence[Row], understand: Understand) -> dict[str, Any]:
    found: dict[str, Any] = evaluate(rows, understand)["all"]
    return found


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0].translate({ord("đ"): "d", ord("Đ"): "D"})


COLUMNS: Final = ("changed", "intent", "fall", "fall_changed", "indicators")


def table(by_kind: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one line a kind."""
    lines = ["kind".ljust(12) + "".join(name.rjust(14) for name in COLUMNS)]
    lines += [
        name.ljust(12) + "".join(str(figures.get(column, "-")).rjust(14) for column in COLUMNS)
        for name, figures in by_kind.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure one file under every kind of noise, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, help="another archive than the one of the present inputs")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    understand = cache(by_model(options.model or model_path()))  # what noise leaves alone is understood once
    start = time.monotonic()
    by_kind = {"clean": _all(rows, understand)}
    by_kind.update({name: measure(rows, kind, understand) for name, kind in KINDS.items()})
    print(table(by_kind))
    seconds = round(time.monotonic() - start)
    print(json.dumps({"bench": "noise", "by": by_kind, "seconds": seconds, "machine": machine()}))


if __name__ == "__main__":
    main()
