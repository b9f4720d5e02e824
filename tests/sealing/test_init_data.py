"""Init data of a Mini App: Telegram's word for our bot is taken, within the hour; anything else is not."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from aiogram.utils.web_app import check_webapp_signature
from hypothesis import given
from hypothesis import strategies as st

from bot.web.init_data import InitData, Opened

TOKEN = "123456:a-token-of-tests"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
USER = {"id": 279058397, "first_name": "Vladislav + - ? /", "language_code": "km", "allows_write_to_pm": True}


def signed(fields: dict[str, str], token: str = TOKEN) -> str:
    """Write init data as Telegram does."""
    secret = hmac.digest(b"WebAppData", token.encode(), sha256)
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return urlencode({**fields, "hash": hmac.new(secret, lines.encode(), sha256).hexdigest()})


def opened_at(at: datetime, **more: str) -> dict[str, str]:
    return {"auth_date": str(int(at.timestamp())), "query_id": "AAHdF6IQ", "user": json.dumps(USER), **more}


def read(init_data: object) -> Opened | None:
    return InitData(TOKEN, lambda: NOW).read(init_data)


def test_what_telegram_signed_is_taken_with_the_language_and_nothing_else() -> None:
    assert read(signed(opened_at(NOW))) == Opened("km")
    assert read(signed(opened_at(NOW, user="zebra", signature="x_Y-z"))) == Opened(None)
    assert read(signed({"auth_date": str(int(NOW.timestamp()))})) == Opened(None)


GOOD = signed(opened_at(NOW))
WRONG = {
    "nothing": "",
    "no text": None,
    "no hash": GOOD.partition("&hash=")[0],
    "a hash of nothing": "hash=",
    "only a hash": "hash=" + "0" * 64,
    "of another bot": signed(opened_at(NOW), "123456:another"),
    "of another user": GOOD.replace("279058397", "279058398"),
    "of another time": GOOD.replace("auth_date=1", "auth_date=2"),
    "a field more": GOOD + "&start_param=x",
    "a field twice": GOOD + "&query_id=AAHdF6IQ",
    "over an hour old": signed(opened_at(NOW - timedelta(minutes=61))),
    "of tomorrow": signed(opened_at(NOW + timedelta(days=1))),
    "of no time": signed({"user": "{}"}),
    "of a strange time": signed({"auth_date": "²"}),
    "a hash in other letters": GOOD.partition("&hash=")[0] + "&hash=ñ",
    "no form": "zebra",
    "long": signed(opened_at(NOW, start_param="x" * 9000)),
}


@pytest.mark.parametrize("why", WRONG)
def test_anything_else_is_refused(why: str) -> None:
    assert read(WRONG[why]) is None


def test_no_key_is_shown() -> None:
    assert TOKEN not in repr(InitData(TOKEN))


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    st.dictionaries(st.sampled_from(["user", "chat", "query_id", "start_param", "signature"]), VALUES), st.booleans()
)
def test_aiogram_agrees(fields: dict[str, str], honest: bool) -> None:  # noqa: FBT001
    init_data = signed({"auth_date": str(int(NOW.timestamp())), **fields}, TOKEN if honest else TOKEN + "x")

    assert (read(init_data) is not None) is check_webapp_signature(TOKEN, init_data) is honest
