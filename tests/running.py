"""`quietline run` as a process of its own, as an operator runs it."""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
import uuid
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

QUIETLINE = Path(sys.executable).with_name("quietline")
PATIENCE_SECONDS = 40.0
NOBODY = "http://127.0.0.1:9"
"""An address where nothing listens (the discard port)."""
_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections."""


def free_port() -> int:
    """Give a port on which nobody listens, and which no outgoing connection takes while its service is down."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class Running:
    """One service: may be killed and started again over the same state."""

    def __init__(self, state: Path, *, by_webhook: bool = False, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.log = state.with_suffix(".log")
        self._settings = {"QUIETLINE_" + name.upper(): value for name, value in settings.items()}
        if by_webhook:
            self._settings["QUIETLINE_PUBLIC_URL"] = self.url
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def environment(self) -> Mapping[str, str]:
        here = {name: value for name, value in os.environ.items() if not name.startswith(("QUIETLINE_", "PYTHONDONT"))}
        own = {"QUIETLINE_STATE_DIR": str(self.state), "QUIETLINE_HTTP_PORT": str(self.port)}
        return {**here, **own, **self._settings}

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                QUIETLINE, "run", env=self.environment(), stdout=log, stderr=log, cwd=self.state.parent
            )
        await eventually(self._answers)

    async def _answers(self) -> bool:
        assert self._process
        assert self._process.returncode is None, self.log.read_text()
        async with httpx.AsyncClient() as http:
            try:
                return (await http.get(self.url + "/healthz")).is_success
            except httpx.TransportError:
                return False

    async def kill(self) -> None:
        """As a power cut: no warning, no last words."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 30)

    async def readiness(self) -> dict[str, bool]:
        async with httpx.AsyncClient() as http:
            parts: dict[str, bool] = (await http.get(self.url + "/readyz", timeout=20)).json()["parts"]
            return parts

    async def metrics(self) -> str:
        async with httpx.AsyncClient() as http:
            return (await http.get(self.url + "/metrics")).text

    async def metric(self, name: str, value: float) -> bool:
        """Tell whether a metric has a value now."""
        return f"{name} {value}" in await self.metrics()


async def eventually(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until something holds; gives its value."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        value = holds()
        value = await value if asyncio.iscoroutine(value) else value
        if value:
            return value
        assert asyncio.get_running_loop().time() < deadline, "waited long enough"
        await asyncio.sleep(0.05)


async def quietline(*arguments: str | Path, typed: str = "", **settings: str) -> tuple[int, str, str]:
    """Run one command to its end; gives its exit code, and what it said on stdout and stderr."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("QUIETLINE_")}
    own = {"QUIETLINE_" + name.upper(): value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        QUIETLINE, *map(str, arguments), env=here | own, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), PATIENCE_SECONDS)
    return process.returncode or 0, out.decode(), err.decode()


class WebReporter:
    """Somebody in the web chat, through its API."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=60, headers={"accept-language": language})

    async def begin(self) -> "WebReporter":
        answer = await self.http.post("/chat", json={})
        assert answer.status_code == 201
        self.http.headers["authorization"] = f"Bearer {answer.json()['token']}"
        self.first = answer.json()["replies"]
        return self

    async def post(self, body: Mapping[str, Any], id_: str | None = None) -> httpx.Response:
        content = json.dumps({"id": id_ or str(uuid.uuid4()), **body})  # escapes halves of characters, as browsers do
        return await self.http.post("/chat/messages", content=content)

    async def say(self, text: str) -> dict[str, Any]:
        return await self._said({"text": text})

    async def choose(self, choice: str) -> dict[str, Any]:
        return await self._said({"choice": choice})

    async def pin(self, lat: float, lon: float) -> dict[str, Any]:
        return await self._said({"location": {"lat": lat, "lon": lon}})

    async def send_file(self, name: str, content: bytes, media_type: str, caption: str = "") -> httpx.Response:
        fields = {"id": str(uuid.uuid4()), **({"caption": caption} if caption else {})}
        return await self.http.post("/chat/attachments", data=fields, files={"file": (name, content, media_type)})

    async def _said(self, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.post(body)
        assert answer.status_code == 200, answer.status_code
        whole: dict[str, Any] = answer.json()
        return whole
