"""What a service meets outside: a messenger that notes when it was told to write to whom, and a hotline's queue."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pyrage
import regex
from aiohttp import web
from pyrage import x25519

from tests.fakes.serving import serving

SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()
_NUMBER = regex.compile(r"#(\d+)$")
"""How a report of a crowd ends."""


@dataclass
class Messenger:
    """The messenger's side, in monotonic seconds: of each chat when it was first written to, and how often it was."""

    url: str = ""
    webhook: str = ""
    secret: str = ""
    first: dict[int, float] = field(default_factory=dict)
    sent: int = 0
    count: int = 0

    async def call(self, request: web.Request) -> web.Response:
        """Answer one method of the Bot API."""
        asked = await _asked(request)
        match request.match_info["method"].lower():
            case "setwebhook":
                self.webhook, self.secret = asked["url"], asked["secret_token"]
            case "getwebhookinfo":
                info = {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": 0}
                return web.json_response({"ok": True, "result": info})
            case "sendmessage":
                is_reply = "keyboard" not in (asked.get("reply_markup") or {})  # else the button for a place, beside it
                return web.json_response({"ok": True, "result": self._shown(int(asked["chat_id"]), is_reply=is_reply)})
        return web.json_response({"ok": True, "result": True})

    def _shown(self, chat: int, *, is_reply: bool) -> dict[str, Any]:
        self.first.setdefault(chat, time.perf_counter())
        self.sent += is_reply
        self.count += 1
        return {"message_id": self.count, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}


async def _asked(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    return dict(await request.post())


@dataclass
class Queue:
    """The hotline's queue: when each event came, with its sealed content, in the order of their coming."""

    identity: x25519.Identity = field(default_factory=x25519.Identity.generate)
    url: str = ""
    arrived: list[tuple[float, str]] = field(default_factory=list)

    @property
    def recipient(self) -> str:
        """The public key that tickets are to be sealed for."""
        return str(self.identity.to_public())

    async def take(self, request: web.Request) -> web.Response:
        """Accept one event."""
        event, now = json.loads(await request.read()), time.perf_counter()
        self.arrived.append((now, event["data"]["sealed"]["parts"][0]["content"]))
        return web.Response(status=204)

    def opened(self) -> list[tuple[float, int]]:
        """Open every ticket: when it came, and the number that its reporter wrote."""
        return [(at, self._number(content)) for at, content in self.arrived]

    def _number(self, content: str) -> int:
        plain = json.loads(pyrage.decrypt(base64.b64decode(content), [self.identity]))
        found = _NUMBER.search(plain["text"])
        return int(found[1]) if found else 0


@asynccontextmanager
async def messenger() -> AsyncIterator[Messenger]:
    """Run a messenger on a free port of this machine."""
    made, app = Messenger(), web.Application()
    app.router.add_route("*", "/bot{token}/{method}", made.call)
    async with serving(app) as made.url:
        yield made


@asynccontextmanager
async def queue() -> AsyncIterator[Queue]:
    """Run a hotline's queue on a free port of this machine."""
    made, app = Queue(), web.Application(client_max_size=1 << 26)
    app.router.add_post("/tickets", made.take)
    async with serving(app) as url:
        made.url = url + "/tickets"
        yield made
