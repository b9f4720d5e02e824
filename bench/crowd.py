"""Many reporters, each writing once to a running service's webhook, as the messenger hands it over."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.machine import percentile
from bench.outside import SECRET, Messenger, Queue, messenger, queue
from bot.channels.table import webhook_path
from tests.fakes import postgres as postgreses
from tests.fakes.telegram.server import TOKEN
from tests.running import NOBODY, Running, eventually

URGENT = "they will sell us tonight, 12 people in Bavet, passports taken"
OTHERS = "they locked 12 of us in Bavet and took our passports"
URGENT_OF = 10
"""One of so many is urgent."""
_RETRY_SECONDS = 1.0
_FIRST_ID = 5_000_000_000
_METRICS = {"resident_mb": "process_resident_memory_bytes", "descriptors": "process_open_fds"}


def percentiles(values: list[float]) -> dict[str, float]:
    """Give milliseconds."""
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {f"{name}_ms": round(percentile(values, share) * 1000, 1) for name, share in shares.items() if values}


@dataclass
class Crowd:
    """The reporters of one measurement; times are monotonic seconds, numbers count reporters.

    Attributes:
        posted: When each began to hand over.
        taken: Seconds until it was stored.
        refused: Answers other than "taken", no answer among them.
    """

    running: Running
    messenger: Messenger
    queue: Queue
    posted: dict[int, float] = field(default_factory=dict)
    taken: dict[int, float] = field(default_factory=dict)
    refused: int = 0

    def is_urgent(self, number: int) -> bool:
        """Tell who is in danger."""
        return number % URGENT_OF == 0

    async def write(self, http: aiohttp.ClientSession, number: int) -> None:
        """Hand one report over, again and again until it is taken."""
        update = self._update(number)
        self.posted[number] = time.perf_counter()
        while not await self._taken(http, update):
            self.refused += 1
            await asyncio.sleep(_RETRY_SECONDS)
        self.taken[number] = time.perf_counter() - self.posted[number]

    async def _taken(self, http: aiohttp.ClientSession, update: bytes) -> bool:
        headers = {"x-telegram-bot-api-secret-token": self.messenger.secret}
        try:
            async with http.post(self.running.url + webhook_path("telegram"), data=update, headers=headers) as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False

    def _update(self, number: int) -> bytes:
        person = {"id": _FIRST_ID + number, "first_name": "x"}
        words = f"{URGENT if self.is_urgent(number) else OTHERS} #{number}"
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {**person, "type": "private"},
            "from": {**person, "is_bot": False, "language_code": "en"},
            "text": words,
        }
        return json.dumps({"update_id": number, "message": message}).encode()

    async def evenly(self, a_second: float, seconds: float) -> None:
        """Write at an even rate, whether or not the service keeps up."""
        async with _session() as http, asyncio.TaskGroup() as group:
            start = time.perf_counter()
            for number in range(1, int(a_second * seconds) + 1):
                await asyncio.sleep(start + number / a_second - time.perf_counter())
                group.create_task(self.write(http, number))

    async def at_once(self, reports: int) -> None:
        """Write all at the same moment, each on a connection of its own."""
        async with _session() as http:
            await asyncio.gather(*(self.write(http, number) for number in range(1, reports + 1)))

    def replies(self) -> dict[int, float]:
        """Give seconds from handing over until the messenger was told the answer."""
        first = self.messenger.first
        return {n: first[_FIRST_ID + n] - at for n, at in self.posted.items() if _FIRST_ID + n in first}

    async def all_there(self, patience: float) -> None:
        """Wait until everybody has a reply and a ticket; those who have none by then are counted as lost."""
        end = time.perf_counter() + patience
        while time.perf_counter() < end and not self._is_complete():  # noqa: ASYNC110 - the last to come tells nobody
            await asyncio.sleep(0.2)

    def _is_complete(self) -> bool:
        return min(len(self.messenger.first), len(self.queue.arrived)) >= len(self.posted)

    async def vitals(self) -> dict[str, float]:
        """Ask the service for its memory and open files."""
        said = await self.running.metrics()
        lines = dict(line.rsplit(" ", 1) for line in said.splitlines())
        found = {name: float(lines[metric]) for name, metric in _METRICS.items()}
        return {**found, "resident_mb": round(found["resident_mb"] / 1024**2, 1)}


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60))


@asynccontextmanager
async def crowd(folder: Path, store: str, nlu: str, silence: int) -> AsyncIterator[Crowd]:
    """Run a service as an operator does, with a messenger and a hotline of ours outside.

    Args:
        folder: Where its state and log go.
        store: "sqlite" or "postgresql".
        nlu: Address of the NLU server; empty: there is none.
        silence: Seconds of quiet after which a report without urgency is filed.
    """
    server = postgreses.running() if store == "postgresql" else nullcontext()
    async with messenger() as outside, queue() as hotline:
        with server as database:
            settings = {
                "telegram_token": TOKEN,
                "telegram_api_url": outside.url,
                "hotline_url": hotline.url,
                "hotline_secret": SECRET,
                "hotline_keys": hotline.recipient,
                "nlu_url": nlu or NOBODY,
                "silence_seconds": str(silence),
                "delay_seconds": "0",
                **({"database_url": database.new_database()} if database else {}),
            }
            async with Running(folder / store, by_webhook=True, **settings) as running:
                await eventually(lambda: outside.secret)
                yield Crowd(running, outside, hotline)
