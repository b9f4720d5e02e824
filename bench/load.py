"""Reporters who write all the time. What got no 2xx is sent again until it does, as Telegram and our page do."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from string import ascii_lowercase
from typing import Any, Final

import aiohttp

from bench.receiver import FILE
from bench.replica import Replica
from tests.fakes.telegram import FakeTelegram

DANGER: Final = "They will sell us tonight, {}."
TOLD: Final = ("They took our passports, {}.", "We cannot leave the building, {}.", "They beat us, {}.")
_AGAIN_SECONDS: Final = 0.06
_LOOK_SECONDS: Final = 0.002
_PATIENCE: Final = aiohttp.ClientTimeout(total=8.0)
"""Then a call counts as failed, and is made again."""
_MOST_MESSAGES: Final = 6


@dataclass
class Accepted:
    """One message that got its 2xx: whose it is, when, in which run, and by which service."""

    reporter: int
    at: float
    run: int
    port: int


@dataclass
class Ledger:
    """What was accepted, in the order of the 2xx for each reporter."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    calls: int = 0
    failed_calls: int = 0
    duplicates: int = 0
    swapped: int = 0
    files: set[str] = field(default_factory=set)
    run: int = 0


type Call = Callable[[str], Awaitable[bool]]
"""Makes a call at an address; tells whether it got a 2xx."""


class Load:
    """Several reporters at once, each with one message after the other."""

    def __init__(self, replicas: Sequence[Replica], telegram: FakeTelegram, random: Random, writers: int = 8) -> None:
        """Take who is written to, where Telegram's files lie, and how many write at once."""
        self.ledger = Ledger()
        self.writing = asyncio.Event()
        self.writing.set()
        self._replicas, self._telegram, self._random, self._writers = replicas, telegram, random, writers
        self._ids, self._reporters = itertools.count(700_000_000), itertools.count(5_000_000_001)
        self._stopping, self._http = False, aiohttp.ClientSession(timeout=_PATIENCE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run())

    async def stop(self, seconds: float) -> bool:
        """Let everybody end with the message that they are at; tell whether each got its 2xx in time."""
        self._stopping = True
        self.writing.set()
        try:
            if self._task:
                await asyncio.wait_for(self._task, seconds)
        except TimeoutError:
            return False
        finally:
            await self._http.close()
        return True

    async def accepts(self, messages: int, seconds: float) -> None:
        """Wait until so many more messages were accepted, or so long."""
        wanted, deadline = len(self.ledger.accepted) + messages, time.monotonic() + seconds
        while len(self.ledger.accepted) < wanted and time.monotonic() < deadline:  # noqa: ASYNC110 - plain enough
            await asyncio.sleep(_LOOK_SECONDS)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._writers):
                group.create_task(self._write())

    async def _write(self) -> None:
        while not self._stopping:
            reporter = next(self._reporters)
            await (self._by_web(reporter) if self._random.random() < 0.15 else self._by_telegram(reporter))

    async def _think(self) -> None:
        await asyncio.sleep(self._random.uniform(0.0, 0.12))
        await self.writing.wait()

    def _texts(self) -> list[tuple[str, str]]:
        """Give a conversation's markers and words: with danger, filed at once; without, filed after a silence."""
        count = self._random.choice((1, 1, 2, 3, _MOST_MESSAGES))
        markers = ["mark" + "".join(self._random.choices(ascii_lowercase, k=8)) for _ in range(count)]
        words = [self._random.choice(TOLD) for _ in markers]
        if self._random.random() < 0.7:
            words[self._random.randrange(count)] = DANGER
        return [(marker, text.format(marker)) for marker, text in zip(markers, words, strict=True)]

    # ---- Telegram ----

    async def _by_telegram(self, chat: int) -> None:
        self._telegram.chats.open(chat)
        updates = [(marker, self._update(chat, text, marker)) for marker, text in self._texts()]
        if len(updates) > 1 and self._random.random() < 0.1:
            updates[0], updates[1] = updates[1], updates[0]
            self.ledger.swapped += 1
        for marker, update in updates:
            if self._stopping:
                return
            await self._handed_in(chat, marker, update)
            await self._think()

    def _update(self, chat: int, text: str, marker: str) -> dict[str, Any]:
        update_id = next(self._ids)
        person = {"id": chat, "is_bot": False, "first_name": "x", "language_code": "en"}
        message: dict[str, Any] = {"message_id": update_id, "date": int(time.time()), "from": person}
        message["chat"] = {"id": chat, "type": "private", "first_name": "x"}
        if self._random.random() < 0.06:
            self.ledger.files.add(marker)
            self._telegram.files[marker] = FILE
            file = {"file_id": marker, "file_unique_id": marker, "file_size": len(FILE), "file_name": "a.pdf"}
            message |= {"caption": text, "document": file | {"mime_type": "application/pdf"}}
        else:
            message["text"] = text
        return {"update_id": update_id, "message": message}

    async def _handed_in(self, chat: int, marker: str, update: Mapping[str, Any]) -> None:
        """Hand an update in; now and then twice at the same moment, or once more afterwards."""
        body = json.dumps(update).encode()

        async def call(url: str) -> bool:
            headers = {"x-telegram-bot-api-secret-token": self._telegram.secret, "content-type": "application/json"}
            async with self._http.post(url + "/telegram/webhook", data=body, headers=headers) as answer:
                return answer.status // 100 == 2

        draw = self._random.random()
        again = [self._until_accepted(call)] if draw < 0.05 else []
        port, *_ = await asyncio.gather(self._until_accepted(call), *again)
        self._note(chat, marker, port)
        if 0.05 <= draw < 0.1:
            await self._until_accepted(call)
        self.ledger.duplicates += draw < 0.1

    # ---- the web chat ----

    async def _by_web(self, reporter: int) -> None:
        token = ""

        async def begin(url: str) -> bool:
            nonlocal token
            async with self._http.post(url + "/chat", json={"language": "en"}) as answer:
                token = (await answer.json())["token"] if answer.status == 201 else ""
                return bool(token)

        await self._until_accepted(begin)
        for marker, text in self._texts():
            if self._stopping:
                return
            port = await self._until_accepted(self._web_call(token, text))
            self._note(reporter, marker, port)
            await self._think()

    def _web_call(self, token: str, text: str) -> Call:
        body, headers = {"id": str(uuid.uuid4()), "text": text}, {"authorization": f"Bearer {token}"}

        async def call(url: str) -> bool:
            async with self._http.post(url + "/chat/messages", json=body, headers=headers) as answer:
                await answer.read()
                return answer.status == 200

        return call

    # ---- both ----

    async def _until_accepted(self, call: Call) -> int:
        """Call one service or another until one says 2xx; gives its port."""
        while True:
            replica = self._random.choice(self._replicas)
            self.ledger.calls += 1
            try:
                if await call(replica.url):
                    return replica.port
            except (aiohttp.ClientError, OSError, ValueError):
                pass
            self.ledger.failed_calls += 1
            await asyncio.sleep(_AGAIN_SECONDS)

    def _note(self, reporter: int, marker: str, port: int) -> None:
        self.ledger.accepted[marker] = Accepted(reporter, time.monotonic(), self.ledger.run, port)
