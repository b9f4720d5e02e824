"""The client against servers that are slow, dead, lying and endless."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from nlu.client import Client, Unavailable
from nlu.lexicon import Lexicon

SECRET = "they beat me in bavet zebra"
GOOD = {"intent": {"name": "report_self", "confidence": 0.9}, "entities": [], "indicators": [], "language": "en"}
Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Counts the requests and answers each as told."""

    def __init__(self, behave: Behave) -> None:
        self.behave, self.requests, self.bodies, self.url = behave, 0, [b""], ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.bodies.append(await reader.readexactly(length))
        self.requests += 1
        with suppress(ConnectionError):
            await self.behave(writer)
        writer.close()


@asynccontextmanager
async def serving(behave: Behave) -> AsyncIterator[Server]:
    server = Server(behave)
    listener = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()


def saying(body: bytes, status: int = 200) -> Behave:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(body)) + body)
        await writer.drain()

    return behave


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff not http\r\n\r\n")
    await writer.drain()


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


def client(url: str, lexicon: Lexicon, **settings: timedelta) -> Client:
    return Client(url, lexicon=lexicon, **{"time_limit": timedelta(seconds=0.3), **settings})


async def test_a_good_answer_is_the_servers(lexicon: Lexicon) -> None:
    async with serving(saying(json.dumps(GOOD).encode())) as server:
        found = await client(server.url, lexicon).understand(SECRET)

    assert (found.intent, found.by_server, found.province) == ("report_self", True, "KH-20")
    assert [indicator.code for indicator in found.indicators] == ["physical_or_sexual_violence"]


BAD: dict[str, Behave] = {
    "silent": silence,
    "garbage": garbage,
    "endless": endless,
    "dripping": dripping,
    "no-json": saying(b"<html>"),
    "not-utf8": saying(b"\xff\xfe{"),
    "nan": saying(b'{"intent": {"name": "greet", "confidence": NaN}}'),
    "deep": saying(b"[" * 100_000),
    "wrong-shape": saying(b"[]"),
    "error-500": saying(SECRET.encode(), 500),
    "redirect": saying(b"", 302),
    "empty": saying(b""),
}


@pytest.mark.parametrize("name", BAD)
async def test_with_a_bad_server_the_words_answer_in_time(name: str, lexicon: Lexicon) -> None:
    async with serving(BAD[name]) as server:
        start = time.monotonic()
        found = await client(server.url, lexicon).understand(SECRET)

    assert time.monotonic() - start < 1.5
    assert (found.by_server, found.province) == (False, "KH-20")


@pytest.mark.parametrize("name", BAD)
async def test_the_failure_says_nothing_of_the_text(name: str, lexicon: Lexicon) -> None:
    async with serving(BAD[name]) as server:
        with pytest.raises(Unavailable) as caught:
            await client(server.url, lexicon).ask(SECRET)

    assert "zebra" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_a_dead_server_costs_nothing(lexicon: Lexicon) -> None:
    found = await client("http://127.0.0.1:9", lexicon).understand("yes")

    assert (found.intent, found.by_server) == ("affirm", False)


async def test_a_silent_server_is_left_alone_then_tried_again(lexicon: Lexicon) -> None:
    async with serving(silence) as server:
        asking = client(server.url, lexicon, rest=timedelta(seconds=0.2))
        for _ in range(5):
            await asking.understand("x")
        assert server.requests == 1

        await asyncio.sleep(0.25)
        server.behave = saying(json.dumps(GOOD).encode())
        assert (await asking.understand("x")).by_server
        assert (await asking.understand("x")).by_server


async def test_while_one_tries_a_silent_server_the_others_do_not_wait(lexicon: Lexicon) -> None:
    async with serving(silence) as server:
        asking = client(server.url, lexicon, rest=timedelta(seconds=0.05))
        await asking.understand("x")
        await asyncio.sleep(0.06)

        start = time.monotonic()
        await asyncio.gather(*(asking.understand("x") for _ in range(20)))

        assert server.requests == 2
        assert time.monotonic() - start < 1


async def test_a_server_that_refuses_one_text_is_asked_the_next(lexicon: Lexicon) -> None:
    async with serving(saying(b"", 500)) as server:
        asking = client(server.url, lexicon)
        await asking.understand("x")
        await asking.understand("y")

    assert server.requests == 2


async def test_only_the_start_of_a_huge_text_is_sent(lexicon: Lexicon) -> None:
    async with serving(saying(json.dumps(GOOD).encode())) as server:
        await client(server.url, lexicon).understand("ខ" * 1_000_000)

        assert len(json.loads(server.bodies[-1])["text"]) == 4_000


async def test_lone_surrogates_and_zeros_are_sent_and_not_a_failure(lexicon: Lexicon) -> None:
    async with serving(saying(json.dumps(GOOD).encode())) as server:
        assert (await client(server.url, lexicon).understand("\ud800\x00")).by_server
