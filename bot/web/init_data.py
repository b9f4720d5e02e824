"""What Telegram tells a Mini App of who opened it (https://core.telegram.org/bots/webapps#validating-data-received).

We take that our bot's chat opened the page, and the language. Who it was is neither stored nor looked at.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl

GOOD_FOR = timedelta(hours=1)
_AHEAD = timedelta(minutes=5)
"""A clock may differ from Telegram's."""
_MOST_CHARS = 8192
_MOST_FIELDS = 32


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that Telegram says our bot's chat opened; the language of the app, BCP 47, if it says so."""

    language: str | None = None


class InitData:
    """Knows what Telegram signed for one bot."""

    def __init__(self, token: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take the bot's token."""
        self._key, self._now = hmac.digest(b"WebAppData", token.encode(), sha256), now

    def read(self, init_data: object) -> Opened | None:
        """Read init data; None: Telegram did not sign it for this bot, or it is older than an hour."""
        fields = _fields(init_data)
        shown = fields.pop("hash", "")
        signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
        tag = hmac.new(self._key, signed.encode("utf-8", "replace"), sha256).hexdigest()
        if not hmac.compare_digest(tag.encode(), shown.encode("utf-8", "replace")):
            return None
        return Opened(_language(fields)) if self._is_fresh(fields) else None

    def _is_fresh(self, fields: Mapping[str, str]) -> bool:
        seconds = fields.get("auth_date", "")
        if not (seconds.isascii() and seconds.isdigit()):
            return False
        age = self._now().timestamp() - int(seconds)
        return -_AHEAD.total_seconds() <= age <= GOOD_FOR.total_seconds()

    def __repr__(self) -> str:
        """Show no key."""
        return "InitData(...)"


def _fields(init_data: object) -> dict[str, str]:
    """Give the fields; none where one comes twice, or it is not in that form."""
    if not isinstance(init_data, str) or len(init_data) > _MOST_CHARS:
        return {}
    try:
        listed = parse_qsl(init_data, keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return dict(listed) if len(dict(listed)) == len(listed) else {}


def _language(fields: Mapping[str, str]) -> str | None:
    try:
        user = json.loads(fields.get("user", "{}"))
    except (ValueError, RecursionError):
        return None
    language = user.get("language_code") if isinstance(user, dict) else None
    return language if isinstance(language, str) else None
