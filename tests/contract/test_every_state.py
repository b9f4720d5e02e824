"""Every language through everything that can be said, on each channel's limits."""

import unicodedata

import pytest

from bot.channels.telegram.channel import Telegram
from bot.channels.text import pieces, utf16
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import LANGUAGES
from tests.contract.everything import replies

BUTTON_BYTES = 64


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


def test_whatever_is_said_is_whole_in_every_language(language: str) -> None:
    for reply in replies(language):
        assert reply.text.strip()
        assert "{" not in reply.text
        assert "}" not in reply.text
        _fits_telegram(reply.text)
        assert all(len(choice.id.encode()) <= BUTTON_BYTES - 20 for choice in reply.choices)


def _fits_telegram(text: str) -> None:
    """Cut for Telegram, nothing is lost but blanks, and no sign is parted from its letter."""
    cut = pieces(text, Telegram.capabilities.max_text)
    assert all(utf16(piece) <= Telegram.capabilities.max_text for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert not [piece for piece in cut if unicodedata.combining(piece[0])]


def test_a_right_to_left_language_says_so_and_no_other(language: str) -> None:
    words = catalogue_of(language).word("welcome")
    letters = [unicodedata.bidirectional(char) for char in words]
    rightward = sum(kind in ("R", "AL") for kind in letters) > len(letters) / 4

    assert (LANGUAGES[language].direction == "rtl") == rightward
