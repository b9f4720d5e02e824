"""The server is killed while a client works: nobody is left without an answer, and it is used again once it is back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import groupby

import pytest

from nlu.beside import Beside
from nlu.client import Client
from nlu.taxonomy import INTENTS
from nlu.understanding import Understanding

pytestmark = pytest.mark.nlu
FIRST_START = timedelta(minutes=5)
STORY_SECONDS = 90
EVERY_SECONDS = 0.05
"""About what one answer takes: some messages are with the server when it is killed."""


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
async def beside(notes: list[str]) -> AsyncIterator[Beside]:
    server = Beside(note=notes.append)
    server.start()
    assert await server.wait(FIRST_START)
    yield server
    await server.stop()
    assert server.pid is None


@pytest.fixture
async def client(beside: Beside) -> AsyncIterator[Client]:
    asking = Client(beside.url, time_limit=timedelta(seconds=10))  # slow is not dead
    yield asking
    await asking.close()


async def test_a_server_killed_amid_messages_leaves_none_unanswered_and_is_used_again_once_it_is_back(
    beside: Beside, client: Client, notes: list[str]
) -> None:
    async with asyncio.timeout(STORY_SECONDS):
        stream = [asyncio.create_task(send(number, client)) for number in range(1, 41)]
        await stream[19]
        os.kill(beside.pid or 0, signal.SIGKILL)
        found = await asyncio.gather(*stream)
        assert not beside.is_ready
        back = await by_server_again(client)

    assert [(one.people_count, one.province) for one in found] == [(number, "KH-20") for number in range(1, 41)]
    assert [by_server for by_server, _ in groupby(one.by_server for one in found)] == [True, False]
    assert back.intent in INTENTS
    assert notes == ["nlu.starting", "nlu.ready", "nlu.ended", "nlu.starting", "nlu.ready"]


async def send(number: int, client: Client) -> Understanding:
    """Send one message of a stream, whether or not the one before it is answered."""
    await asyncio.sleep(number * EVERY_SECONDS)
    return await client.understand(f"we are {number} people in Bavet, they locked us in")


async def by_server_again(client: Client) -> Understanding:
    while True:
        found = await send(1, client)
        if found.by_server:
            return found
