"""Reads TOML on both Pythons that import this package."""

from pathlib import Path
from typing import Any

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, which Rasa needs
    import tomli as tomllib  # type: ignore[import-not-found,no-redef,unused-ignore]

TOMLDecodeError = tomllib.TOMLDecodeError


def read_toml(path: Path) -> dict[str, Any]:
    """Return what the file at `path` holds.

    Raises:
        TOMLDecodeError: It is not TOML.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))
