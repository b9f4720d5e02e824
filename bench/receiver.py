"""A hotline with troubles of its own. It opens every sealed part as it comes, and remembers under which keys."""

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal

import pyrage
import regex
from aiohttp import web
from pyrage import x25519
from standardwebhooks import Webhook

type Trouble = Literal["none", "refuses", "500", "429", "loses its answer", "is slow"]
TROUBLES: Final[tuple[Trouble, ...]] = ("refuses", "500", "429", "loses its answer", "is slow")
SECRET: Final = "whsec_" + base64.b64encode(b"a secret of measurements alone..").decode()
FILE: Final = b"%PDF-1.4 nothing\n" * 20
"""What every file of the load holds."""
MARKER: Final = regex.compile(r"\bmark[a-z]{8}\b")
_SLOW_SECONDS: Final = (0.2, 0.8)


@dataclass
class Ticket:
    """One ticket: its newest revision's markers in order, and under which keys each revision came."""

    revision: int = 0
    markers: list[str] = field(default_factory=list)
    part_ids: list[str] = field(default_factory=list)
    keys: dict[int, set[str]] = field(default_factory=dict)
    first_came: list[int] = field(default_factory=list)


class Receiver:
    """What arrived, by ticket and by part."""

    def __init__(self, random: Random) -> None:
        """Begin with nothing, and a key pair of its own."""
        self.identity = x25519.Identity.generate()
        self.trouble: Trouble = "none"
        self.posts: Counter[str] = Counter()
        self.tickets: dict[str, Ticket] = {}
        self.parts: dict[str, set[str]] = {}
        self.seen: dict[str, float] = {}
        self.unsigned = 0
        self.changed = 0
        self.posted = 0
        self.url = ""
        self._random, self._webhook, self._markers = random, Webhook(SECRET), dict[str, list[str]]()
        self._digests = dict[str, str]()

    async def take(self, request: web.Request) -> web.Response:
        """Answer one event by the trouble of the moment."""
        body = await request.read()
        match self.trouble:
            case "refuses":
                return _cut(request)
            case "500":
                return web.Response(status=500)
            case "429":
                return web.Response(status=429, headers={"retry-after": "1"})
            case "is slow":
                await asyncio.sleep(self._random.uniform(*_SLOW_SECONDS))
        if not self._keep(body, request.headers):
            return web.Response(status=401)
        return _cut(request) if self.trouble == "loses its answer" else web.Response(status=204)

    def _keep(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            self._webhook.verify(body.decode(), dict(headers))
        except Exception:  # noqa: BLE001 - the library's error; as a real hotline: not signed in time, not taken
            self.unsigned += 1
            return False
        event, key = json.loads(body), headers["webhook-id"]
        self.posts[key] += 1
        self.posted += 1
        if self.posts[key] > 1:
            return True  # as a hotline does: what it has is not read again
        if event["type"] == "part.sealed":
            self.parts.setdefault(event["data"]["part_id"], set()).add(key)
            self._open(event["data"]["part_id"], event["data"]["content"])
            self._read(self.tickets.get(event["data"]["ticket_id"]))  # a file put aside comes after its revision
        else:
            self._take_ticket(event["data"], key)
        return True

    def _take_ticket(self, data: Mapping[str, Any], key: str) -> None:
        ticket, revision = self.tickets.setdefault(data["ticket_id"], Ticket()), int(data["revision"])
        if revision not in ticket.keys:
            ticket.first_came.append(revision)
        ticket.keys.setdefault(revision, set()).add(key)
        if revision < ticket.revision:
            return
        ticket.revision, ticket.part_ids = revision, []
        for part in (data["sealed"] or {"parts": []})["parts"]:
            self.changed += self._digests.setdefault(part["part_id"], part["sha256"]) != part["sha256"]
            self._open(part["part_id"], part["content"])
            ticket.part_ids.append(part["part_id"])
        self._read(ticket)

    def _read(self, ticket: Ticket | None) -> None:
        """Note the markers of a ticket's parts, as far as they came."""
        if ticket is None:
            return
        ticket.markers = [marker for id_ in ticket.part_ids for marker in self._markers.get(id_, [])]
        now = time.monotonic()
        for marker in ticket.markers:
            self.seen.setdefault(marker, now)

    def _open(self, part_id: str, content: str | None) -> None:
        """Open a part once: its words are the same each time."""
        if content is None or part_id in self._markers:
            return
        opened = json.loads(pyrage.decrypt(base64.b64decode(content), [self.identity]))
        self._markers[part_id] = MARKER.findall(opened.get("text", ""))
        if "file" in opened and base64.b64decode(opened["file"]["content"]) != FILE:
            self._markers[part_id] = []  # torn, or another's

    @property
    def files(self) -> set[str]:
        """Give the markers of captions whose file came, whole."""
        return {marker for part_id in self.parts for marker in self._markers.get(part_id, [])}

    @property
    def repeated(self) -> int:
        """How many POSTs brought what had come under the same key before."""
        return self.posted - len(self.posts)


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


@asynccontextmanager
async def receiving(random: Random) -> AsyncIterator[Receiver]:
    """Run a hotline on a free port of this machine."""
    receiver = Receiver(random)
    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/tickets", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tickets"
    try:
        yield receiver
    finally:
        await runner.cleanup()
