"""Runs the NLU server beside the program: starts it without waiting, watches it, starts it again, ends it.

The server runs on nlu/'s own Python and environment (`uv sync --project nlu` makes it).
"""

import asyncio
import contextlib
import os
import socket
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from nlu.models import HERE, model_path

PORT: Final = 5005
INTERPRETER: Final = HERE / ".venv" / "bin" / "python"

_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(seconds=30)
_STEADY: Final = timedelta(minutes=1)
"""A server that ran so long has its next pause start small again."""
_GRACE: Final = timedelta(seconds=5)
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS")
"""All that the server gets of ours: never a key or a secret."""


def server_command(port: int) -> list[str]:
    """Return the command that serves on `port` of 127.0.0.1; its working folder is the repository's root."""
    return [str(INTERPRETER), "-m", "nlu.server", "--port", str(port)]


class Beside:
    """The server as a child process.

    Notes what happens by a word for the log: nlu.missing (no environment), nlu.training, nlu.starting, nlu.ready,
    nlu.ended.
    """

    def __init__(self, port: int | None = None, note: Callable[[str], None] = lambda _: None) -> None:
        """Take a port, else 5005 is used if it is free, else any."""
        self._port = port or free_port()
        self._note = note
        self._ready = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._child: Process | None = None

    @property
    def url(self) -> str:
        """Where the server listens once it is ready."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_ready(self) -> bool:
        """Whether the server listens now."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Process id of the training or serving child, None while there is none."""
        return self._child.pid if self._child and self._child.returncode is None else None

    def start(self) -> None:
        """Begin starting the server; returns at once. Needs a running event loop."""
        self._watch = asyncio.create_task(self._keep_running())

    async def wait(self, limit: timedelta) -> bool:
        """Wait until the server listens; tell whether it does."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), limit.total_seconds())
        return self.is_ready

    async def stop(self) -> None:
        """End the server, politely first."""
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._end_child()

    async def _keep_running(self) -> None:
        if not INTERPRETER.exists():
            self._note("nlu.missing")
            return
        pause = _FIRST_PAUSE
        while True:
            began = time.monotonic()
            await self._run_once()
            if time.monotonic() - began > _STEADY.total_seconds():
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause.total_seconds())
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _run_once(self) -> None:
        """Train if there is no model, then serve until the server ends."""
        if not await asyncio.to_thread(model_path().exists):
            self._note("nlu.training")
            if await (await self._spawn([str(INTERPRETER), "-m", "nlu.train"])).wait():
                self._note("nlu.ended")
                return
        self._note("nlu.starting")
        await self._serve(await self._spawn([*server_command(self._port), "--parent"]))
        self._note("nlu.ended")

    async def _serve(self, child: Process) -> None:
        """Take the server's word for being ready, and wait until it ends."""
        if child.stdout and (await child.stdout.readline()).strip() == b"ready":
            self._ready.set()
            self._note("nlu.ready")
        await child.wait()
        self._ready.clear()

    async def _spawn(self, command: list[str]) -> Process:
        self._child = await asyncio.create_subprocess_exec(
            *command,
            cwd=HERE.parent,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            stdin=PIPE if "--parent" in command else DEVNULL,
            stdout=PIPE if "--parent" in command else DEVNULL,
            start_new_session=True,  # Ctrl-C is for the program, which then ends the server
        )
        return self._child

    async def _end_child(self) -> None:
        self._ready.clear()
        child = self._child
        if child is None or child.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), _GRACE.total_seconds())
        except TimeoutError:
            child.kill()
            await child.wait()


def free_port() -> int:
    """Return 5005 if nothing listens there, else a port that is free now."""
    for port in (PORT, 0):
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return int(listener.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
