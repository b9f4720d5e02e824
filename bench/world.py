"""One database with all that is around it: services, a hotline, Telegram, reporters, and what each stands on."""

import asyncio
import base64
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, Literal

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from bench import power, proxy, receiver
from bench.load import Load
from bench.proxy import Proxy
from bench.receiver import SECRET, Receiver
from bench.replica import Replica, Zygote
from bench.verdict import Verdict, judge
from storage import inbox, outbox
from storage.store import Store
from storage.tables import sessions
from tests.fakes import telegram as telegrams
from tests.fakes.postgres import Postgres
from tests.fakes.telegram.faults import Fault, Kind
from tests.fakes.telegram.server import TOKEN

type Engine = Literal["sqlite", "postgresql"]
_KEY: Final = b"k" * 32
_NOBODY: Final = "http://127.0.0.1:9"
"""Where nothing listens (the discard port): the word lists understand."""
_FOREVER: Final = 1 << 40
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Needs:
    """What a series needs besides one service: a second one, a wire that can be cut, the file layer."""

    replicas: int = 1
    wire: bool = False
    layer: bool = False


class World:
    """Everything of one series."""

    def __init__(self, engine: Engine, folder: Path, random: Random) -> None:
        """Take the kind of database, a folder of its own, and where chance comes from."""
        self.engine, self.folder, self.random = engine, folder, random
        self.undo, self.switches = folder / "undo", folder / "switches"
        self.longest_takeover = 0.0
        self.failed_takeovers = 0
        self.server_starts = 0
        self.undone = 0
        self.taken_over = 0
        self.telegram: telegrams.FakeTelegram
        self.hotline: Receiver
        self.load: Load
        self.replicas: list[Replica] = []
        self.postgres: Postgres | None = None
        self.wires: list[Proxy] = []
        self.server_environment: dict[str, str] = {}

    @property
    def service(self) -> Replica:
        """The first service."""
        return self.replicas[0]

    def switch(self, name: str, content: str | None = "") -> None:
        """Turn a fault of the file layer on, or off with None."""
        file = self.switches / name
        if content is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(content)

    @property
    def refused_writes(self) -> int:
        """How many writes found the disk full."""
        return power.seen(self.switches).full if self.switches.exists() else 0

    async def cut_power(self, kind: power.Kind) -> None:
        """Kill everything at once, lose what was not synced, and start again."""
        if self.postgres:
            await asyncio.to_thread(self.postgres.kill)
        await self.service.kill()
        self.undone += (await asyncio.to_thread(power.cut, self.undo, self.random, kind)).undone
        if self.postgres:
            await asyncio.to_thread(self.postgres.start, self.server_environment)
        self.service.start()

    async def all_up(self) -> None:
        """Bring back whatever ended: the database server, as after a full disk, and the services."""
        if self.postgres and self.postgres.process and self.postgres.process.poll() is not None:
            self.server_starts += 1
            await asyncio.to_thread(self.postgres.start, self.server_environment)
        for replica in self.replicas:
            await replica.up()

    async def seen(self, markers: set[str], seconds: float) -> float | None:
        """Wait until the hotline has these; gives the seconds it took, None if it took longer."""
        began = time.monotonic()
        while markers - self.hotline.seen.keys():
            if time.monotonic() - began > seconds:
                return None
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def drained(self, seconds: float) -> Verdict:
        """Let reporters end, wait until all is worked off, and judge."""
        self.hotline.trouble = "none"
        deadline = time.monotonic() + seconds
        is_answered = await self._stopped(seconds)
        left, parked = await self._worked_off(deadline)
        for replica in self.replicas:
            await replica.stop()
        verdict = judge(self.load.ledger, self.hotline)
        verdict.left, verdict.parked = left + (not is_answered), parked
        verdict.died = sum(replica.died for replica in self.replicas)
        return verdict

    async def _stopped(self, seconds: float) -> bool:
        """Let reporters end; what ends meanwhile is brought back, as an init system does."""
        ending = asyncio.create_task(self.load.stop(seconds))
        while not ending.done():
            await self.all_up()
            await asyncio.wait({ending}, timeout=_LOOK_SECONDS)
        return ending.result()

    async def _worked_off(self, deadline: float) -> tuple[int, int]:
        """Wait until nothing is left to work off; give what is, and what was set aside."""
        store = Store(self._address(), _KEY)
        left, parked = 1, 0
        try:
            while left and time.monotonic() < deadline:
                await asyncio.sleep(_LOOK_SECONDS)
                await self.all_up()
                with suppress(OperationalError):
                    left, parked = store.run_now(_undone)
        finally:
            store.close()
        return left, parked

    def _address(self) -> str:
        """Give the database's address, past any wire."""
        return self._server_url or f"sqlite:///{self.service.folder / 'quietline.sqlite'}"

    _server_url = ""

    async def open(self, stack: AsyncExitStack, needs: Needs, layer: Path | None, zygote: Zygote | None) -> None:
        """Make and start all of it."""
        environment = power.environment(layer, self._data(), self.undo, self.switches) if layer else {}
        await self._open_outside(stack)
        if self.engine == "postgresql":
            await self._open_postgres(stack, environment)
        zygote = zygote or stack.enter_context(Zygote(environment))
        for number in range(needs.replicas):
            wire = await self._wire(stack) if needs.wire else None
            folder = self._data() / f"state{number}"
            self.replicas.append(Replica(zygote, folder, self._settings(wire)))
        self.load = Load(self.replicas, self.telegram, self.random)
        for replica in self.replicas:
            await replica.started()
            stack.push_async_callback(replica.kill)
        while not self.telegram.secret:  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0.01)
        self.load.start()

    def _data(self) -> Path:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        return data

    async def _open_outside(self, stack: AsyncExitStack) -> None:
        self.hotline = await stack.enter_async_context(receiver.receiving(self.random))
        self.telegram = await stack.enter_async_context(telegrams.serving())
        self.telegram.faults.plan(Fault("setMyCommands", Kind.SERVER_ERROR, _FOREVER))  # 27 calls at each start

    async def _open_postgres(self, stack: AsyncExitStack, environment: Mapping[str, str]) -> None:
        folder = self._data() / "postgres"
        folder.mkdir(mode=0o755)
        self.postgres = await asyncio.to_thread(Postgres, folder)
        self.server_environment = dict(environment)
        await asyncio.to_thread(self.postgres.start, environment)
        stack.callback(self.postgres.stop)
        self._server_url = self.postgres.new_database()

    async def _wire(self, stack: AsyncExitStack) -> Proxy:
        assert self.postgres  # noqa: S101 - only there is a wire
        wire = await stack.enter_async_context(proxy.passing(self.postgres.port))
        self.wires.append(wire)
        return wire

    def _settings(self, wire: Proxy | None) -> dict[str, str]:
        values = {
            "data_key": base64.b64encode(_KEY).decode(),
            "hotline_url": self.hotline.url,
            "hotline_secret": SECRET,
            "hotline_keys": str(self.hotline.identity.to_public()),
            "nlu_url": _NOBODY,
            "delay_seconds": "0",
            "silence_seconds": "1",
            "telegram_token": TOKEN,
            "telegram_api_url": self.telegram.url,
        }
        if self.postgres:
            port = self.postgres.port
            values["database_url"] = self._server_url.replace(f":{port}/", f":{wire.port if wire else port}/")
        return {"QUIETLINE_" + name.upper(): value for name, value in values.items()}


def _undone(db: Connection) -> tuple[int, int]:
    """Count what is not worked off, and what was set aside."""
    updates, deliveries = inbox.size(db), outbox.size(db)
    unfiled = db.scalar(select(func.count()).select_from(sessions).where(sessions.c.silence_due.is_not(None))) or 0
    return updates[0] + deliveries[0] + unfiled, updates[1] + deliveries[1]


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder into which PostgreSQL's own user may look."""
    with tempfile.TemporaryDirectory(prefix="quietline-kill-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@asynccontextmanager
async def world(
    engine: Engine, needs: Needs, layer: Path | None, zygote: Zygote, random: Random
) -> AsyncIterator[World]:
    """Give a world with a fresh database, under load already."""
    with open_folder() as folder:
        async with AsyncExitStack() as stack:
            made = World(engine, folder, random)
            await made.open(stack, needs, layer if needs.layer else None, None if needs.layer else zygote)
            yield made
