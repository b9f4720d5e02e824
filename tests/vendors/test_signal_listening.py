"""Signal's socket, against a fake of signal-cli-rest-api: what was read is stored, in order, whatever happens."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.channels.channel import Channel
from bot.channels.sending import Sender
from bot.channels.signal.listening import SignalChannel
from bot.channels.signal.vendor import Signal, SignalAccount
from bot.model.message import Text
from tests.fakes.serving import serving
from tests.fakes.vendors.signal import NUMBER, FakeSignal, SignalPerson
from tests.running import eventually, free_port


class Kept:
    """Stores in memory; fails, or takes its time, as a test wants."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.tries: list[list[str]] = []
        self.words: list[str] = []
        self.open = asyncio.Event()
        self.open.set()

    async def accept(self, channel: Channel, raws: Sequence[bytes]) -> None:
        said = [channel.parse(raw).message for raw in raws]
        words = [message.words.reveal() for message in said if isinstance(message, Text)]
        self.tries.append(words)
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.words += words


@pytest.fixture
async def fake() -> AsyncIterator[FakeSignal]:
    fake = FakeSignal()
    app = web.Application()
    app.add_routes(fake.routes())
    async with serving(app) as fake.url:
        yield fake


@pytest.fixture
def person(fake: FakeSignal) -> SignalPerson:
    person = fake.person()
    assert isinstance(person, SignalPerson)
    return person


@asynccontextmanager
async def listening(url: str, kept: Kept) -> AsyncIterator[asyncio.Task[None]]:
    sender = Sender()
    channel = SignalChannel(Signal(SignalAccount(number=NUMBER, api_url=url), ""), sender, lambda _: "")
    task = asyncio.create_task(channel.listen(kept.accept))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sender.aclose()


async def test_what_comes_is_stored_in_order_each_by_itself(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    async with listening(fake.url, kept):
        for number in range(50):
            await person.say(str(number))
        await eventually(lambda: len(kept.words) == 50)

    assert kept.words == [str(number) for number in range(50)]
    assert kept.tries == [[str(number)] for number in range(50)]


async def test_what_cannot_be_stored_is_tried_again_before_anything_after_it(
    fake: FakeSignal, person: SignalPerson
) -> None:
    kept = Kept(failures=2)
    async with listening(fake.url, kept):
        await person.say("one")
        await person.say("two")
        await eventually(lambda: len(kept.words) == 2)

    assert kept.words == ["one", "two"]
    assert kept.tries == [["one"], ["one"], ["one"], ["two"]]


async def test_the_socket_is_read_while_the_database_stands_still(fake: FakeSignal, person: SignalPerson) -> None:
    """More than the buffers of a connection hold: a reader that waits for the database would block the sender."""
    kept = Kept()
    kept.open.clear()
    async with listening(fake.url, kept):
        await eventually(lambda: fake.readers)
        async with asyncio.timeout(20):
            for number in range(400):
                await person.say(f"{number} " + "ក" * 20_000)
        assert kept.words == []
        kept.open.set()
        await eventually(lambda: len(kept.words) == 400)

    assert [words.split()[0] for words in kept.words] == [str(number) for number in range(400)]


async def test_a_line_that_breaks_is_made_again(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    async with listening(fake.url, kept):
        await person.say("before")
        await eventually(lambda: kept.words)
        await fake.hang_up()
        await person.say("after")
        await eventually(lambda: len(kept.words) == 2)

    assert kept.words == ["before", "after"]
    assert fake.connections == 2


async def test_what_was_read_before_the_line_broke_is_stored(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    kept.open.clear()
    async with listening(fake.url, kept):
        for number in range(5):
            await person.say(str(number))
        await eventually(lambda: kept.tries)
        await fake.hang_up()
        kept.open.set()
        await eventually(lambda: len(kept.words) == 5)

    assert kept.words == ["0", "1", "2", "3", "4"]


async def test_what_was_read_is_stored_when_the_program_stops(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    kept.open.clear()
    async with listening(fake.url, kept) as task:
        for number in range(5):
            await person.say(str(number))
        await eventually(lambda: kept.tries)
        await asyncio.sleep(0.2)
        task.cancel()
        kept.open.set()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)

    assert kept.words == ["0", "1", "2", "3", "4"]


async def test_the_program_stops_though_the_database_is_away(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept(failures=10_000)
    async with listening(fake.url, kept) as task:
        await person.say("hello")
        await eventually(lambda: kept.tries)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)


async def test_the_program_stops_though_the_database_hangs(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    kept.open.clear()
    async with listening(fake.url, kept) as task:
        await person.say("one")
        await person.say("two")
        await eventually(lambda: kept.tries)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 15)


async def test_what_says_nothing_or_cannot_be_read_stops_nothing(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept()
    async with listening(fake.url, kept):
        await eventually(lambda: fake.readers)
        await fake.push(person.event(typingMessage={"action": "STARTED", "timestamp": 1}))
        await fake.push(person.message(message="hi", groupInfo={"groupId": "x"}))
        for body in (b"", b"\xff\xfe", b"[]", b"{", b'{"envelope": 7}', b'{"error": "x"}'):
            await asyncio.gather(*(reader.send_bytes(body) for reader in fake.readers))
        await person.say("still here")
        await eventually(lambda: kept.words)

    assert kept.tries == [["still here"]]


async def test_pauses_grow_while_nobody_answers() -> None:
    """At once, after 1 second, and after 2 more."""
    with capture_logs() as said:
        async with listening(f"http://127.0.0.1:{free_port()}", Kept()) as task:
            await asyncio.sleep(3.6)

            assert not task.done()
    assert [line["event"] for line in said] == ["signal.away"] * 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:port", "nowhere", "http://["])
async def test_an_address_that_is_none_raises_nothing(url: str) -> None:
    async with listening(url, Kept()) as task:
        await asyncio.sleep(0.2)

        assert not task.done()


async def test_a_program_in_another_mode_is_asked_again(fake: FakeSignal, person: SignalPerson) -> None:
    kept, fake.mode = Kept(), "normal"
    async with listening(fake.url, kept):
        await person.say("hello")
        await asyncio.sleep(0.3)
        fake.mode = "json-rpc"
        await eventually(lambda: kept.words)

    assert kept.words == ["hello"]


async def test_logs_hold_kinds_of_errors_and_nobodys_words(fake: FakeSignal, person: SignalPerson) -> None:
    kept = Kept(failures=1)
    with capture_logs() as said:
        async with listening(fake.url, kept):
            await person.say("we are locked in Bavet")
            untrusted = {"envelope": person.event(), "exception": {"message": person.id}, "account": NUMBER}
            await eventually(lambda: kept.words)
            await asyncio.gather(*(reader.send_bytes(json.dumps(untrusted).encode()) for reader in fake.readers))
            await asyncio.gather(*(reader.send_bytes(b"Bavet") for reader in fake.readers))
            await person.say("done")
            await eventually(lambda: len(kept.words) == 2)
            await fake.hang_up()
            await eventually(lambda: fake.connections == 2)

    assert [line["event"] for line in said] == [
        "signal.listening",
        "signal.not_stored",
        "signal.not_opened",
        "signal.unreadable",
        "signal.away",
        "signal.listening",
    ]
    assert {line.get("error") for line in said} == {None, "ConnectionError", "ConnectionClosedOK"}
    assert all(set(line) <= {"event", "log_level", "error"} for line in said)
