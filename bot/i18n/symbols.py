"""Signs on choices, for people who read little (`locales/symbols.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache

from bot.i18n.languages import FOLDER

_KEYCAP = "\ufe0f\u20e3"
_FLAG = ord("\U0001f1e6") - ord("A")


def symbol(choice: str) -> str:
    """Give the sign of a choice, or nothing."""
    prefix, _, code = choice.partition(":")
    if prefix == "nationality":
        return "".join(chr(_FLAG + ord(letter)) for letter in code)
    return _table().get(choice) or _table().get(prefix, "")


def keycap(number: int) -> str:
    """Give a number as keys of a phone.

    >>> keycap(10)
    '1️⃣0️⃣'
    """
    return "".join(digit + _KEYCAP for digit in str(number))


@cache
def _table() -> Mapping[str, str]:
    return tomllib.loads((FOLDER / "symbols.toml").read_text("utf-8"))
