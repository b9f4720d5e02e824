"""Numbers in digits and words, and which of them count people or years of age."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from nlu.lexicon.matcher import Hit
from nlu.lexicon.nearby import after, before, clause_ends_at
from nlu.lexicon.words import Lexicon
from nlu.normal import Normal

_DIGITS: Final = regex.compile(r"(?<![0-9.,+#])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,5})(?![0-9%]|[.,][0-9])")
"""ASCII only: normalising made them so, and knows fewer scripts than this library."""
_JOINT: Final = regex.compile(r"[ -]?(?:and |lẻ |linh )?")
_MULTIPLIERS: Final = (10, 100, 1000)
_MOST_PEOPLE: Final = 10_000
"""More is a sum of money or a number of something else; the largest site reported held 5,000."""
OLDEST: Final = 99
_CLASSIFIER: Final = regex.compile(r"[個个名位口]")
"""Chinese words for one of several, of people and of much else."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and where it stands in the normalised text."""

    start: int
    end: int
    value: int


def quantities(normal: Normal, lexicon: Lexicon) -> list[Quantity]:
    """Return the numbers in `normal`, in order: whole ones of up to five digits, and number words."""
    digits = [
        Quantity(match.start(), match.end(), int(match[0].replace(",", ""))) for match in _DIGITS.finditer(normal.text)
    ]
    taken = {position for number in digits for position in range(number.start, number.end)}
    words = [hit for hit in lexicon.numbers.find(normal) if hit.start not in taken]
    return sorted([*digits, *_joined(normal, words)], key=lambda number: number.start)


def _joined(normal: Normal, words: Sequence[Hit[int]]) -> list[Quantity]:
    """Join neighbouring number words that make one number: "twenty two", "hai mươi", 三十五."""
    out: list[Quantity] = []
    for word in words:
        last = out[-1] if out else None
        gap = normal.text[last.end : word.start] if last and last.end <= word.start else None
        value = _together(last.value, word.value) if last and gap is not None and _JOINT.fullmatch(gap) else None
        if last and value is not None:
            out[-1] = Quantity(last.start, word.end, value)
        else:
            out.append(Quantity(word.start, word.end, word.value))
    return out


def _together(left: int, right: int) -> int | None:
    """Return the number that two words make, None if they stay two numbers."""
    if right in _MULTIPLIERS:
        tail = left % right if left < right else left % 10
        if not tail or right <= left % 100:
            return None
        return left - tail + tail * right
    step = next((size for size in _MULTIPLIERS if left % size == 0 and right < size), None)
    return left + right if step and left else None


def ages_in(normal: Normal, numbers: Sequence[Quantity], lexicon: Lexicon) -> list[Quantity]:
    """Return the numbers that a word beside them makes an age in years."""
    befores, afters = lexicon.age_before.find(normal), lexicon.age_after.find(normal)
    return [
        number
        for number in numbers
        if number.value <= OLDEST and (after(normal, afters, number.end) or before(normal, befores, number.start))
    ]


def counts_in(
    normal: Normal,
    numbers: Iterable[Quantity],
    cues: Sequence[Hit[str]],
    peoples: Sequence[Hit[str]],
    lexicon: Lexicon,
) -> list[Quantity]:
    """Return the numbers that count people: not denied ones, and not people to a room; a total first."""
    words, denials = lexicon.people.find(normal), lexicon.denials_after.find(normal)
    found = [
        number
        for number in numbers
        if 0 < number.value <= _MOST_PEOPLE
        and not _denied(normal, number, cues)
        and not _taken_back(normal, number, words, denials)
        and (_counts(normal, number, words, cues, peoples) or _of_a_people(normal, number, cues, peoples, lexicon))
    ]
    return sorted(found, key=lambda number: not _is_total(normal, number, cues))


def _counts(
    normal: Normal,
    number: Quantity,
    words: Sequence[Hit[bool]],
    cues: Sequence[Hit[str]],
    peoples: Sequence[Hit[str]],
) -> bool:
    """Tell whether a word for people follows (a nationality may stand between), or stands before a last number."""
    middle = after(normal, peoples, number.end)
    word = after(normal, words, number.end) or (middle and after(normal, words, middle.end))
    if word:
        crowd = after(normal, cues, word.end)
        return not (crowd and crowd.value == "crowd")
    if _CLASSIFIER.match(normal.text, number.end):
        return _is_total(normal, number, cues)
    if not clause_ends_at(normal, number.end):
        return False
    return bool(before(normal, words, number.start)) or _is_total(normal, number, cues)


def _of_a_people(
    normal: Normal, number: Quantity, cues: Sequence[Hit[str]], peoples: Sequence[Hit[str]], lexicon: Lexicon
) -> bool:
    """Tell whether digits and a nationality name people ("7 Vietnamese in Bavet"), and no thing of theirs."""
    people = after(normal, peoples, number.end)
    if people is None or number.value == 1 or not normal.text[number.start].isdigit():
        return False
    bound = after(normal, cues, people.end) or after(normal, lexicon.dangers.find(normal), people.end)
    return bound.value != "others" if bound else clause_ends_at(normal, people.end)


def _is_total(normal: Normal, number: Quantity, cues: Sequence[Hit[str]]) -> bool:
    left = before(normal, cues, number.start)
    return bool(left and left.value == "counted")


def _taken_back(normal: Normal, number: Quantity, words: Sequence[Hit[bool]], denials: Sequence[Hit[bool]]) -> bool:
    """Tell whether "is not so" stands behind the number, or behind the word for people after it."""
    word = after(normal, words, number.end)
    end = word.end if word else number.end
    return any(not normal.text[end : denial.start].strip() for denial in denials if denial.start >= end)


def _denied(normal: Normal, number: Quantity, cues: Sequence[Hit[str]]) -> bool:
    left = before(normal, cues, number.start)
    return bool(left and left.value == "not")
