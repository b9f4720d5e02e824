"""What every fake vendor is: a server that checks what it is sent, people on phones, and faults on demand."""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import httpx
from aiohttp import web

from bot.channels.wire import Call, Response

type Json = dict[str, Any]


class Fault(Enum):
    """What goes wrong with the next message that we send."""

    TOO_MANY = auto()  # refused for a moment; the vendor says for how long, one second, where it ever says so
    TOO_MANY_WITHOUT_A_WORD = auto()  # refused, and not a word for how long
    SERVER_ERROR = auto()  # 5xx: nothing was shown, and who is sent it cannot know
    DROPPED = auto()  # the line breaks before anything was read
    REPLY_LOST = auto()  # shown, and then the line breaks
    BLOCKED = auto()  # this person wants no more of us
    WINDOW_CLOSED = auto()  # too long since the person wrote


@dataclass
class Seen:
    """One message on a person's screen."""

    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    """What can be tapped, in order: the label, and what the vendor sends us back."""
    asks_place: bool = False
    id: str = ""


class Person(ABC):
    """Somebody with this vendor's app on a phone. Everything they do reaches our webhook, proven as the vendor does."""

    def __init__(self, fake: "FakeVendor", id_: str) -> None:
        self.fake, self.id = fake, id_
        self.seen: list[Seen] = []

    async def say(self, text: str) -> None:
        await self.fake.push(self.typed(text))

    async def tap(self, label: str) -> None:
        """Tap a button of the newest message that has it, by the end of its label."""
        shown = next(m for m in reversed(self.seen) if any(name.endswith(label) for name in m.buttons))
        name = next(name for name in shown.buttons if name.endswith(label))
        await self.fake.push(self.tapped(shown, name))

    @abstractmethod
    def typed(self, text: str) -> Any:
        """Give the event of a typed message."""

    def tapped(self, shown: Seen, label: str) -> Any:
        """Give the event of a tapped button; a channel without buttons has no such thing."""
        raise NotImplementedError

    def pinned(self, lat: float, lon: float) -> Any:
        """Give the event of a place that was sent by the channel's own button."""
        raise NotImplementedError

    @abstractmethod
    def photographed(self, content: bytes, caption: str = "") -> Any:
        """Keep a photo where the vendor keeps it, and give its event."""


class FakeVendor(ABC):
    """One vendor with one account of ours.

    `calls` keeps every request of ours, in order. What the vendor would refuse is refused here in its own form.
    """

    name: str
    calls_us = True
    """Whether it brings what people write to our webhook; else we fetch it."""

    def __init__(self) -> None:
        self.url = ""
        self.webhook_url = ""
        self.people: dict[str, Person] = {}
        self.faults: list[Fault] = []
        self.files: dict[str, bytes] = {}
        self.calls: list[Json] = []
        self.count = itertools.count(1)

    # --- what a fake says of itself ---

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Give the settings that turn this channel on and point it here (`whatsapp_token`...)."""

    @abstractmethod
    def person(self) -> Person:
        """Add somebody who has never written to us."""

    @abstractmethod
    def call(self, *events: Any) -> Call:
        """Give the webhook call with these events, proven as the vendor does."""

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Give the vendor's API."""

    # --- what all share ---

    async def push(self, *events: Any) -> httpx.Response:
        """Call our webhook, again and again until it says 2xx, as vendors do."""
        for _ in range(100):
            answer = await self.push_once(self.call(*events))
            if answer.is_success:
                return answer
            await asyncio.sleep(0.1)
        raise AssertionError("our webhook never took it")

    async def push_once(self, call: Call) -> httpx.Response:
        async with httpx.AsyncClient(timeout=20) as http:
            try:
                return await http.request(call.method, call.url, content=call.body, headers=dict(call.headers))
            except httpx.TransportError:
                return httpx.Response(503)

    def next_fault(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else None

    async def faulty(self, request: web.Request, show: Any) -> web.StreamResponse | None:
        """Go wrong as was asked for; None: nothing was. `show` shows the message to its person."""
        match fault := self.next_fault():
            case None:
                return None
            case Fault.REPLY_LOST | Fault.DROPPED:
                if fault is Fault.REPLY_LOST:
                    show()
                assert request.transport
                request.transport.abort()
                return web.Response(status=500)
            case _:
                refusal = self.refusal(fault)
                return web.Response(status=refusal.status, headers=dict(refusal.headers), body=refusal.body)

    @abstractmethod
    def refusal(self, fault: Fault) -> Response:
        """Give the vendor's own answer for a fault that is one."""
