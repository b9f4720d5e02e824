"""What is learnt mistyped: two letters swapped, never what somebody types on purpose."""

from random import Random

import pytest

from nlu.check_data import Example
from nlu.slips import swapped, units, with_slips


def said(*texts: str) -> list[Example]:
    return [Example("en", "deny", text, ("isolation",)) for text in texts]


def slips(*texts: str) -> list[str]:
    return [example.marked for example in with_slips(said(*texts)) if example.slip]


@pytest.mark.parametrize("text", ["please stop", "ជួយខ្ញុំផង", "ကူညီပါ", "không được", "救救我吧"])
def test_swapping_keeps_every_letter_whole(text: str) -> None:
    slip = swapped(text, Random(7))  # noqa: S311

    assert slip != text
    assert sorted(units(slip)) == sorted(units(text))


@pytest.mark.parametrize("text", ["", "aaa", "12 34", "a b", "👍👍"])
def test_a_text_without_two_letters_to_swap_stays(text: str) -> None:
    assert swapped(text, Random(7)) == text  # noqa: S311


def test_a_slip_follows_its_utterance_and_says_the_same() -> None:
    first, slip, second = with_slips(said("leave me", "12"))

    assert (first.slip, slip.slip, second.slip) == (False, True, False)
    assert (slip.language, slip.intent, slip.indicators) == (first.language, first.intent, first.indicators)
    assert list(with_slips(said("leave me"))) == [first, slip]


def test_no_slip_is_what_somebody_types_on_purpose() -> None:
    [slip] = slips("abb")

    assert slip not in slips("abb", slip)


def test_a_word_of_two_letters_and_a_long_message_have_none() -> None:
    assert slips("ok", "they took our passports and locked the door") == []


def test_a_slip_has_no_entities() -> None:
    assert all("[" not in slip for slip in slips("[Bavet](place) now"))
