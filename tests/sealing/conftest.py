"""A service with a key of its own for the database, a browser, and somebody who listens on the line between them."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browsing import chromium
from tests.fakes.wire import Wire, listening_to
from tests.running import Running

DATA_KEY = b"s" * 32


@pytest.fixture
async def sealing(tmp_path: Path, to_hotline: dict[str, str]) -> AsyncIterator[Running]:
    key = base64.b64encode(DATA_KEY).decode()
    async with Running(tmp_path / "state", **to_hotline, data_key=key) as service:
        yield service


@pytest.fixture
async def wire(sealing: Running) -> AsyncIterator[Wire]:
    async with listening_to(sealing.port) as wire:
        yield wire


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser
