"""One spelling for what people type in many."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.clauses import MAX_CLAUSES, clauses
from nlu.normal import normalise, spelled

SPELLINGS = [
    ("ＢＡＶＥＴ １２", "bavet 12"),
    ("៧ ๗ ७ ٧", "7 7 7 7"),
    ("Vie\u0323\u0302t", "việt"),
    ("a\u200bb\u202ec", "abc"),
    ("don\u2019t", "don't"),
    ("\u17c1\u17b6", "\u17c4"),
    ("ស\u17d2\u178aី", "ស\u17d2\u178fី"),
    ("  a \t b  ", "a b"),
]


@pytest.mark.parametrize(("typed", "spelling"), SPELLINGS, ids=range(len(SPELLINGS)))
def test_different_ways_to_type_are_one_spelling(typed: str, spelling: str) -> None:
    assert spelled(typed) == spelling


def test_vietnamese_has_a_form_without_marks() -> None:
    assert normalise("Đường bảy").plain == "duong bay"


@given(st.text())
def test_every_character_knows_where_it_came_from(text: str) -> None:
    normal = normalise(text)

    assert len(normal.text) == len(normal.plain) == len(normal.starts) == len(normal.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(normal.starts, normal.ends, strict=True))


def cut(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in clauses(text)]


def test_a_message_is_cut_at_stops_of_every_script() -> None:
    assert cut("they beat us. no food, help") == ["they beat us", "no food", "help"]
    assert cut("他们打我，没有饭吃") == ["他们打我", "没有饭吃"]


def test_a_long_run_without_stops_is_heard_in_windows_that_overlap() -> None:
    words = [f"w{number}x" for number in range(30)]

    parts = cut(" ".join(words))

    assert len(parts) > 3
    assert all(any(f"{a} {b}" in part for part in parts) for a, b in pairwise(words))


def test_a_single_clause_is_not_repeated() -> None:
    assert clauses("help us") == []


@given(st.text(max_size=3_000))
def test_the_number_of_clauses_is_bounded(text: str) -> None:
    assert len(clauses(text)) <= MAX_CLAUSES
