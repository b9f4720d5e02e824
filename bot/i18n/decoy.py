"""The lists that a hidden chat's answers hold (`locales/decoy.toml`)."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache

from bot.i18n.languages import FOLDER


def lines(key: str, province: Callable[[str], str]) -> list[str]:
    """Give what stands below a heading; nothing below other messages."""
    match key:
        case "decoy.weather":
            return [f"{province(code)}: {degrees} °C" for code, degrees in _tables()["weather"].items()]
        case "decoy.rate":
            return [f"{currency}: {riel}" for currency, riel in _tables()["rate"].items()]
        case _:
            return []


@cache
def _tables() -> Mapping[str, Mapping[str, int]]:
    return tomllib.loads((FOLDER / "decoy.toml").read_text("utf-8"))
