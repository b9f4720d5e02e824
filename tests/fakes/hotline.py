"""A hotline's queue: verifies every signature, validates every ticket, keeps all that arrives."""

import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker
from pyrage import x25519
from standardwebhooks import Webhook

from tests.fakes.serving import serving

SECRET = "whsec_" + base64.b64encode(b"a secret that only tests know...").decode()
_SCHEMA = json.loads((Path(__file__).parents[2] / "desk" / "ticket-v1.schema.json").read_text("utf-8"))
VALID = Draft202012Validator(_SCHEMA, format_checker=FormatChecker())

type Json = dict[str, Any]


@dataclass
class Arrived:
    webhook_id: str
    type: str
    data: Json


@dataclass
class FakeHotline:
    """Answers `status`; 0 means that nobody answers at all."""

    status: int = 204
    identity: x25519.Identity = field(default_factory=x25519.Identity.generate)
    attempts: list[str] = field(default_factory=list)
    attempted_at: list[float] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)
    retry_after: str = ""
    secret: str = SECRET
    url: str = ""

    @property
    def recipient(self) -> str:
        return str(self.identity.to_public())

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        webhook_id = request.headers.get("webhook-id", "")
        self.attempts.append(webhook_id)
        self.attempted_at.append(time.monotonic())
        if self.status == 0 and request.transport:
            request.transport.abort()
            return web.Response(status=500)
        if self.status // 100 == 2:
            self._keep(body, webhook_id, request)
        return web.Response(status=self.status, headers={"retry-after": self.retry_after} if self.retry_after else {})

    def _keep(self, body: bytes, webhook_id: str, request: web.Request) -> None:
        try:
            Webhook(self.secret).verify(body.decode(), dict(request.headers))
            event = json.loads(body)
        except Exception as error:
            self.faults.append(type(error).__name__)
            return
        if event["type"].startswith("ticket."):
            self.faults += [f"{list(fault.path)}: {fault.validator}" for fault in VALID.iter_errors(event["data"])]
        if len(body) % 4096:
            self.faults.append("not padded")
        if webhook_id not in {held.webhook_id for held in self.arrived}:
            self.arrived.append(Arrived(webhook_id, event["type"], event["data"]))
            self.bodies.append(body)
            self.lanes.append(request.headers.get("quietline-lane", ""))

    @property
    def tickets(self) -> dict[str, Json]:
        """The newest revision of every ticket, in the order in which they first came."""
        newest: dict[str, Json] = {}
        for event in self.arrived:
            if event.type.startswith("ticket."):
                newest[event.data["ticket_id"]] = event.data
        return newest

    def revisions(self, ticket_id: str) -> list[int]:
        return [
            e.data["revision"] for e in self.arrived if e.type != "part.sealed" and e.data["ticket_id"] == ticket_id
        ]

    def opened(self, ticket: Json) -> list[Json]:
        """Every sealed part of a ticket, opened with the hotline's key."""
        alone = {e.data["part_id"]: e.data["content"] for e in self.arrived if e.type == "part.sealed"}
        parts = (ticket["sealed"] or {"parts": []})["parts"]
        return [self._open(part["content"] or alone[part["part_id"]]) for part in parts]

    def _open(self, content: str) -> Json:
        plain = pyrage.decrypt(base64.b64decode(content), [self.identity])
        assert len(plain) % 4096 == 0
        opened: Json = json.loads(plain)
        return opened

    @property
    def all_words(self) -> list[str]:
        """Every text of every ticket."""
        return [text for ticket in self.tickets.values() for text in self.words(ticket)]

    def words(self, ticket: Json) -> list[str]:
        return [part["text"] for part in self.opened(ticket) if "text" in part]


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[FakeHotline]:
    """Run a hotline on a free port of this machine."""
    hotline = FakeHotline()
    app = web.Application(client_max_size=200 * 1024 * 1024)
    app.router.add_post("/tickets", hotline.take)
    async with serving(app) as url:
        hotline.url = url + "/tickets"
        yield hotline
    assert hotline.faults == [], "unsigned, unpadded or against the schema"
