"""The languages we speak: one row each in `locales/languages.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parents[2] / "locales"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        code: BCP 47.
        own_name: As its speakers write it.
        catalogue: Folder of its messages.
        territories: Babel's locale for names of countries.
        direction: `ltr` or `rtl`.
        emergency: The number to call in Cambodia.
        loud: Words that must not stand in what a searched phone shows first.
        embassies: Countries of the language that have an embassy in Phnom Penh.
        reviewed_by: Who has read the catalogue; empty: machine-written.
    """

    code: str
    own_name: str
    catalogue: str
    territories: str
    direction: str
    emergency: str
    loud: tuple[str, ...]
    embassies: tuple[str, ...]
    reviewed_by: tuple[str, ...]


def load(folder: Path = FOLDER) -> Mapping[str, Language]:
    """Read the table, in its order."""
    rows = tomllib.loads((folder / "languages.toml").read_text("utf-8"))
    return MappingProxyType({code: _language(code, row) for code, row in rows.items()})


def _language(code: str, row: Mapping[str, object]) -> Language:
    lists = {key: _names(row[key]) for key in ("loud", "embassies", "reviewed_by")}
    words = {key: str(value) for key, value in row.items() if key not in lists}
    return Language(code=code, **lists, **words)  # type: ignore[arg-type]  # the dataclass refuses what is wrong


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


LANGUAGES = load()


def spoken(code: str | None) -> str | None:
    """Give the row that serves a BCP 47 tag, or None: `zh-TW` is served by `zh-Hant`, `en-GB` by `en`."""
    if not code:
        return None
    tag = _CHINESE.get(code.replace("_", "-").lower(), code)
    if tag in LANGUAGES:
        return tag
    base = tag.replace("_", "-").split("-")[0].lower()
    return base if base in LANGUAGES else None


_CHINESE = {
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-hans": "zh-Hans",
    "zh-hans-cn": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
    "zh-hant": "zh-Hant",
    "zh-hant-tw": "zh-Hant",
    "zh-hant-hk": "zh-Hant",
}
