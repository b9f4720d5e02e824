"""What an installation without settings makes on its first start and keeps in the state folder."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pyrage import x25519

from bot.errors import SettingsError
from bot.settings import Settings
from storage.vault import KEY_BYTES

DATA_KEY_FILE = "data.key"
SECRET_FILE = "desk.secret"  # noqa: S105 - the file's name
HOTLINE_KEY_FILE = "hotline.key"
"""The private key of the embedded desk: good for trying, not for running (README, "Running it for real")."""


@dataclass(frozen=True, slots=True)
class Hotline:
    """Where tickets go, by which secrets they are signed, and to whose keys they are sealed.

    `url` None: to the embedded desk. Two secrets: while the second replaces the first, at the hotline and here.
    """

    url: str | None
    secrets: tuple[str, ...] = field(repr=False)
    recipients: tuple[str, ...]


def data_key(settings: Settings) -> bytes:
    """Give the data key: the setting's, else the state folder's, made on first start.

    Raises:
        SettingsError: It is malformed, or lost although there is a database that needs it.
    """
    if settings.data_key:
        return _decoded(settings.data_key.get_secret_value())
    file = database_file(settings)
    if file and file.exists() and not (settings.state_dir / DATA_KEY_FILE).exists():
        raise SettingsError("QUIETLINE_DATA_KEY: missing, but there is a database that was written with one")
    return _decoded(_kept(settings.state_dir / DATA_KEY_FILE, lambda: _encoded(os.urandom(KEY_BYTES))))


def hotline(settings: Settings) -> Hotline:
    """Give the hotline of the settings, else the embedded desk with a secret and a key of its own."""
    if settings.hotline_secret and not settings.hotline_url:
        raise SettingsError("QUIETLINE_HOTLINE_URL: missing, since another hotline setting is there")
    if settings.hotline_url and settings.hotline_secret:
        return Hotline(settings.hotline_url, settings.secrets, settings.recipients)
    secret = _kept(settings.state_dir / SECRET_FILE, lambda: "whsec_" + _encoded(secrets.token_bytes(32)))
    private = _kept(settings.state_dir / HOTLINE_KEY_FILE, new_private_key)
    return Hotline(None, (secret,), (public_key(private),))


def new_private_key() -> str:
    """Make a private key (age, X25519)."""
    return str(x25519.Identity.generate())


def public_key(private: str) -> str:
    """Give the recipient of a private key."""
    try:
        return str(x25519.Identity.from_str(private.strip()).to_public())
    except Exception:  # noqa: BLE001 - pyrage's own error may quote the value
        raise SettingsError(f"{HOTLINE_KEY_FILE}: not an age key") from None


def database_file(settings: Settings) -> Path | None:
    """Give the file of an SQLite database; None for PostgreSQL."""
    if settings.database_url is None:
        return settings.state_dir / "quietline.sqlite"
    kind, _, file = settings.database_url.get_secret_value().partition(":///")
    return Path(file) if kind.startswith("sqlite") else None


def database_url(settings: Settings) -> str:
    """Give the address of the database: the setting's, else a SQLite file in the state folder."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{settings.state_dir / 'quietline.sqlite'}"


def make_folder(settings: Settings) -> None:
    """Make the state folder, for its owner alone.

    Raises:
        SettingsError: It cannot be made.
    """
    try:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise SettingsError("QUIETLINE_STATE_DIR: cannot be made") from None


def write_private(path: Path, content: str) -> None:
    """Write a new file that only its owner reads, durably; raises FileExistsError if there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Give what a file holds; make it first if it is not there."""
    try:
        write_private(path, make())
    except FileExistsError:
        pass
    except OSError:
        raise SettingsError("QUIETLINE_STATE_DIR: cannot be written") from None
    return path.read_text().strip()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"QUIETLINE_DATA_KEY: not {KEY_BYTES} bytes in base64")
    return key
