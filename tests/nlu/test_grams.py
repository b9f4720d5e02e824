"""What a text is made of, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.grams import MAX_CHARS, grams


def test_runs_words_and_pairs() -> None:
    found = grams("Help me")

    assert {" h", "help", "_help", "_help me", "_ help", "_me "} <= set(found)
    assert "p m" not in found, "a run stays inside its word"


def test_digits_count_as_one_and_marks_as_none() -> None:
    assert grams("12 người") == grams("47 nguoi") == grams("๑๒ người")


@pytest.mark.parametrize("text", ["", " ", "\n", "😀"])
def test_a_text_without_words_does_no_harm(text: str) -> None:
    assert all(isinstance(run, str) for run in grams(text))


@given(st.text(max_size=2_000))
def test_their_number_is_bounded(text: str) -> None:
    assert len(grams(text)) <= 8 * (MAX_CHARS * 4 + 2)
