"""signal-cli-rest-api in json-rpc mode, for one number (https://bbernhard.github.io/signal-cli-rest-api)."""

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from aiohttp import WSCloseCode, web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

NUMBER = "+4915735990000"
INLINE_BYTES = 2000
"""Of a longer text signal-cli makes a file, and the app shows this much of it."""


class SignalPerson(Person):
    def event(self, **content: Any) -> Json:
        now = self.fake.stamp()
        head = {"source": self.id, "sourceNumber": None, "sourceUuid": self.id, "sourceName": "Sok Dara"}
        times = {"timestamp": now, "serverReceivedTimestamp": now + 40, "serverDeliveredTimestamp": now + 41}
        return {**head, "sourceDevice": 1, **times, **content}

    def message(self, **content: Any) -> Json:
        event = self.event()
        data = {"timestamp": event["timestamp"], "message": None, "expiresInSeconds": 0, "viewOnce": False, **content}
        return {**event, "dataMessage": data}

    def typed(self, text: str) -> Json:
        return self.message(message=text)

    def photographed(self, content: bytes, caption: str = "") -> Json:
        id_ = f"{next(self.fake.count)}.jpg"
        self.fake.files[id_] = content
        file = {"contentType": "image/jpeg", "filename": None, "id": id_, "size": len(content)}
        return self.message(message=caption or None, attachments=[file])


class FakeSignal(FakeVendor):
    """Sends what comes to whoever is connected.

    The real one forgets what comes while nobody is (`forgets`); without that, it waits here for the next reader.
    """

    name = "signal"
    calls_us = False

    def __init__(self) -> None:
        super().__init__()
        self.forgets = False
        self.mode = "json-rpc"
        self.accounts = [NUMBER]
        self.readers: set[web.WebSocketResponse] = set()
        self.waiting: list[bytes] = []
        self.connections = 0
        self._last = 0

    def stamp(self) -> int:
        """Give the time in milliseconds, never the same twice: it is half of a message's id."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000)
        return self._last

    @property
    def settings(self) -> Mapping[str, str]:
        return {"signal_number": NUMBER, "signal_api_url": self.url}

    def person(self) -> Person:
        person = SignalPerson(self, str(uuid.uuid4()))
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        """Give what is sent down the socket, where each event is sent by itself."""
        (event,) = events
        return Call("SOCKET", "", body=json.dumps({"envelope": event, "account": NUMBER}).encode())

    async def push(self, *events: Any) -> httpx.Response:
        for event in events:
            await self.push_once(self.call(event))
        return httpx.Response(200)

    async def push_once(self, call: Call) -> httpx.Response:
        if self.readers:
            await asyncio.gather(*(reader.send_bytes(call.body) for reader in self.readers))
        elif not self.forgets:
            self.waiting.append(call.body)
        return httpx.Response(200)

    async def hang_up(self) -> None:
        """Break every connection, as when the program is started anew."""
        for reader in tuple(self.readers):
            await reader.close(code=WSCloseCode.GOING_AWAY)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/receive/{number}", self.receive),
            web.post("/v2/send", self.send),
            web.get("/v1/attachments/{id}", self.attachment),
            web.get("/v1/about", self.about),
            web.get("/v1/accounts", self.list_accounts),
        ]

    async def receive(self, request: web.Request) -> web.StreamResponse:
        reader = web.WebSocketResponse(compress=False)
        if self.mode != "json-rpc" or not reader.can_prepare(request).ok:
            return _error(400, "websocket: the client is not using the websocket protocol")
        await reader.prepare(request)
        if request.match_info["number"] != NUMBER:
            await reader.receive()  # another number's messages: none
            return reader
        self.connections += 1
        for body in self.waiting:
            await reader.send_bytes(body)
        self.waiting.clear()
        self.readers.add(reader)
        try:
            await reader.receive()
        finally:
            self.readers.discard(reader)
        return reader

    async def send(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        self.calls.append(sent)
        if not sent.get("recipients"):
            return _error(400, "Couldn't process request - please provide at least one recipient")
        if sent.get("number") not in self.accounts:
            return _error(400, "Specified account does not exist")
        if not sent.get("message") or sent.get("text_mode") not in ("normal", "styled"):
            return _error(400, "Couldn't process request - invalid request")
        person = self.people.get(sent["recipients"][0])
        if person is None:
            return _error(400, "Failed to send message")
        shown = Seen(sent["message"].encode()[:INLINE_BYTES].decode(errors="ignore"))
        if failed := await self.faulty(request, lambda: person.seen.append(shown)):
            return failed
        person.seen.append(shown)
        shown.id = str(self.stamp())
        return web.json_response({"timestamp": shown.id}, status=201)

    async def attachment(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["id"])
        if content is None:
            return _error(404, "No attachment with that name found")
        return web.Response(body=content, content_type="image/jpeg")

    async def about(self, _: web.Request) -> web.Response:
        capabilities = {"v2/send": ["quotes", "mentions"]}
        return web.json_response(
            {"versions": ["v1", "v2"], "build": 2, "mode": self.mode, "version": "0.101", "capabilities": capabilities}
        )

    async def list_accounts(self, _: web.Request) -> web.Response:
        return web.json_response(self.accounts)

    def refusal(self, fault: Fault) -> Response:
        """Signal tells nobody that they are blocked, and has no window: of these a gone account comes nearest.

        Of being too quick it says nothing from which we could know that a message was not shown. A moment in which
        nothing is sent for certain is one in which signal-cli is started anew.
        """
        match fault:
            case Fault.TOO_MANY | Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(400, "write tcp 127.0.0.1:41544->127.0.0.1:6001: write: broken pipe")
            case Fault.BLOCKED:
                return _refused(400, "Failed to send message")
            case Fault.WINDOW_CLOSED:
                return _refused(400, "The user 0b1f5a52-3c5e-4f1e-9d54-6b1a5b6a9d01 is not registered.")
            case _:
                return Response(500, body=b"oops")


def _error(status: int, prose: str) -> web.Response:
    return web.json_response({"error": prose}, status=status)


def _refused(status: int, prose: str) -> Response:
    return Response(status, body=json.dumps({"error": prose}).encode())
