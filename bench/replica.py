"""A service as a process of its own, forked from a zygote: started, killed, ended."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.running import free_port

_UP_SECONDS = 30.0
_LOOK_SECONDS = 0.005


class Zygote:
    """The process that forks services."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, with variables of its own beside ours."""
        here = {name: value for name, value in os.environ.items() if not name.startswith("QUIETLINE_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=here | {"OPENBLAS_NUM_THREADS": "1"} | dict(environment or {}),
        )
        self._answer()

    def fork(self, environment: Mapping[str, str], log: Path) -> int:
        """Fork a service; gives its process id."""
        assert self._process.stdin  # noqa: S101 - a pipe was asked for
        self._process.stdin.write(json.dumps({"environment": dict(environment), "log": str(log)}) + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout  # noqa: S101 - a pipe was asked for
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the zygote is gone")
        return line

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and with it whatever it forked."""
        self._process.kill()
        self._process.communicate()


class Replica:
    """One service. It may die by itself; that is counted."""

    def __init__(self, zygote: Zygote, folder: Path, environment: Mapping[str, str]) -> None:
        """Take what forks it, where its state lies, and its settings."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.died = 0
        self.starts = 0
        self._zygote, self.folder, self._pid = zygote, folder, 0
        own = {
            "QUIETLINE_STATE_DIR": str(folder),
            "QUIETLINE_HTTP_PORT": str(self.port),
            "QUIETLINE_PUBLIC_URL": self.url,
        }
        self.environment = {**environment, **own}

    @property
    def log(self) -> Path:
        """Where what it says goes: out of the file layer's reach."""
        return self.folder.parent.parent / f"{self.folder.name}.log"

    def start(self) -> None:
        """Start it; it is not up yet."""
        self.starts += 1
        self._pid = self._zygote.fork(self.environment, self.log)

    async def up(self) -> None:
        """Wait until it takes connections; start it again if it ended by itself, as an init system does."""
        deadline = time.monotonic() + _UP_SECONDS
        while not _listens(self.port):
            if time.monotonic() > deadline:
                raise TimeoutError("a service does not come up")
            if not self.is_alive():
                self.died += 1
                await asyncio.sleep(0.2)
                self.start()
            await asyncio.sleep(_LOOK_SECONDS)

    async def started(self) -> None:
        """Start it, and wait until it is up."""
        self.start()
        await self.up()

    def is_alive(self) -> bool:
        """Tell whether its process runs."""
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return self._pid > 0

    async def kill(self) -> None:
        """Kill it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if not self.is_alive():
            self.died += self._pid > 0
            return
        os.kill(self._pid, number)
        deadline = time.monotonic() + _UP_SECONDS
        while self.is_alive():
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                raise TimeoutError("a service does not end")
            await asyncio.sleep(_LOOK_SECONDS)
        self._pid = 0


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1.0)
        return caller.connect_ex(("127.0.0.1", port)) == 0
