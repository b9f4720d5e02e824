"""Fixtures that several folders use: the outside world on loopback, and a service in between."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes import hotline as hotlines
from tests.fakes import nlu as nlus
from tests.fakes import postgres as postgreses
from tests.fakes import telegram as telegrams
from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.fakes.postgres import Postgres
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.server import TOKEN
from tests.running import NOBODY, Running
from tests.stores import STORES


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for all tests that want one."""
    with postgreses.running() as postgres:
        yield postgres


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that a test may kill."""
    with postgreses.running() as postgres:
        yield postgres


@pytest.fixture(params=STORES)
def on_each_store(request: pytest.FixtureRequest) -> dict[str, str]:
    """The setting of a database, once for each that we can run on."""
    if request.param == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgres").new_database()}


@pytest.fixture
def to_hotline(hotline: FakeHotline) -> dict[str, str]:
    """Settings that send tickets to the fake hotline, and leave understanding to the word lists."""
    return {
        "hotline_url": hotline.url,
        "hotline_secret": hotlines.SECRET,
        "hotline_keys": hotline.recipient,
        "nlu_url": NOBODY,
        "delay_seconds": "0",
    }


@pytest.fixture
async def service(tmp_path: Path, to_hotline: dict[str, str], on_each_store: dict[str, str]) -> AsyncIterator[Running]:
    """A service with web chat only, on each store."""
    async with Running(tmp_path / "state", **to_hotline, **on_each_store) as service:
        yield service


@pytest.fixture
def on_telegram(telegram: FakeTelegram, to_hotline: dict[str, str], on_each_store: dict[str, str]) -> dict[str, str]:
    """Settings of a service on Telegram, on each store."""
    return {
        **to_hotline,
        **on_each_store,
        "telegram_token": TOKEN,
        "telegram_api_url": telegram.url,
        "silence_seconds": "2",
    }
