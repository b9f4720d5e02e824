"""Settings: read once at start from the environment into one frozen object."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PREFIX = "QUIETLINE_"


class Settings(BaseSettings):
    """What an operator sets (README, the table of variables). Secrets have a repr that hides them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    database_url: SecretStr | None = None
    state_dir: Path = Path("var")
    journal_dir: Path | None = None
    data_key: SecretStr | None = None
    hotline_url: str | None = None
    hotline_secret: SecretStr | None = None
    hotline_keys: str | None = None
    nlu_url: str | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    desk_host: str = "127.0.0.1"
    desk_port: int = Field(default=8081, ge=0, le=65535)
    desk_allowed_hosts: str = ""
    leave_url: str = ""
    public_url: str | None = None
    silence_seconds: int = Field(default=900, ge=1)
    delay_seconds: int | None = Field(default=None, ge=0, le=3600)
    retention_days: int = Field(default=30, ge=1, le=365)
    acknowledge_seconds: int = Field(default=3600, ge=1)
    hotline_test_url: str | None = None
    canary_seconds: int = Field(default=300, ge=1)
    telegram_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    accounts: Mapping[str, SecretStr] = Field(default_factory=dict)
    """All other variables of ours, by lower-case name without the prefix: credentials of channels."""

    @field_validator("hotline_url", "hotline_test_url", "nlu_url", "public_url", "telegram_api_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _hotline_is_whole(self) -> Self:
        """Own hotline: all three settings, since a ticket that nobody can verify or open helps nobody."""
        parts = {
            "hotline_url": self.hotline_url,
            "hotline_secret": self.hotline_secret,
            "hotline_keys": self.hotline_keys,
        }
        if self.hotline_secret and not self.hotline_url and not self.hotline_keys:
            return self  # of the desk alone
        missing = [name for name, value in parts.items() if not value]
        if missing and len(missing) < len(parts):
            raise ValueError(" ".join(missing))
        return self

    @property
    def desk_names(self) -> tuple[str, ...]:
        """Give the names under which the desk may be opened, besides this machine's own."""
        return _listed(self.desk_allowed_hosts)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Give the secrets shared with the hotline: one, or two while one replaces the other."""
        return _listed(self.hotline_secret.get_secret_value() if self.hotline_secret else "")

    @property
    def recipients(self) -> tuple[str, ...]:
        """Give the age recipients of the hotline."""
        return _listed(self.hotline_keys or "")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def read() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: A setting is missing or malformed; the message names it, never its value.
    """
    try:
        return Settings(accounts=_others(os.environ))
    except ValidationError as error:
        raise SettingsError("; ".join(_named(fault) for fault in error.errors(include_input=False))) from None


def _others(environment: Mapping[str, str]) -> Mapping[str, SecretStr]:
    names = {name: name.removeprefix(PREFIX).lower() for name, value in environment.items() if value}
    wanted = {name for name in names if name.startswith(PREFIX) and names[name] not in Settings.model_fields}
    return MappingProxyType({names[name]: SecretStr(environment[name]) for name in wanted})


def _named(fault: object) -> str:
    assert isinstance(fault, dict)  # noqa: S101 - pydantic's own form
    location = [str(step) for step in fault["loc"]]
    if location:
        return f"{PREFIX}{location[0].upper()}: {_plain(fault['msg'])}"
    names = _plain(fault["msg"]).split()
    return "; ".join(f"{PREFIX}{name.upper()}: missing, since another hotline setting is there" for name in names)


def _plain(text: str) -> str:
    return text.removeprefix("Value error, ")
