"""Fixtures that several folders use: the outside world on loopback, and a service in between."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import hotline as hotlines
from tests.fakes import nlu as nlus
from tests.fakes import telegram as telegrams
from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.server import TOKEN
from tests.running import NOBODY, Running


@pytest.fixture
async def hotline() -> AsyncIterator[FakeHotline]:
    async with hotlines.receiving() as hotline:
        yield hotline


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with telegrams.serving() as telegram:
        yield telegram


@pytest.fixture
async def fake_nlu() -> AsyncIterator[FakeNlu]:
    async with nlus.understanding() as nlu:
        yield nlu


@pytest.fixture
def to_hotline(hotline: FakeHotline) -> dict[str, str]:
    """Settings that send tickets to the fake hotline, and leave understanding to the word lists."""
    return {
        "hotline_url": hotline.url,
        "hotline_secret": hotlines.SECRET,
        "hotline_keys": hotline.recipient,
        "nlu_url": NOBODY,
    }


@pytest.fixture
async def service(tmp_path: Path, to_hotline: dict[str, str]) -> AsyncIterator[Running]:
    """A service with web chat only."""
    async with Running(tmp_path / "state", **to_hotline) as service:
        yield service


@pytest.fixture
def on_telegram(telegram: FakeTelegram, to_hotline: dict[str, str]) -> dict[str, str]:
    return {**to_hotline, "telegram_token": TOKEN, "telegram_api_url": telegram.url, "silence_seconds": "2"}
