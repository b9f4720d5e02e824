"""The server: its state, and its HTTP side."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from tests.fakes.serving import serving as on_a_free_port
from tests.fakes.telegram.chats import Chats
from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.faults import Fault, Faults, Kind
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.people import Person
from tests.fakes.telegram.pushing import Pusher
from tests.fakes.telegram.updates import Updates

TOKEN = "123456:FAKE-token-of-no-bot-at-all-000000000"

type Json = dict[str, Any]


class FakeTelegram:
    """One Bot API server with one bot."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.updates = Updates(self.clock)
        self.chats = Chats(self.clock)
        self.faults = Faults()
        self.bot: Json = {"id": 123456, "is_bot": True, "first_name": "Messages", "username": "fake_bot"}
        self.webhook = ""
        self.secret = ""
        self.webhook_of_others = ""
        self.waiting_at_vendor = 0
        self.asker: object | None = None
        self.files: dict[str, bytes] = {}
        self.taps: dict[str, float] = {}
        self.answered_taps: list[str] = []
        self.commands: dict[str, list[Json]] = {}
        self.calls: list[tuple[str, Json]] = []
        self.pushed: list[int] = []
        self.url = ""
        self._people = itertools.count(5_000_000_001)

    def person(self, language: str = "en") -> Person:
        return Person(self, next(self._people), language)

    def called(self, method: str) -> list[Json]:
        return [asked for name, asked in self.calls if name == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _answer(ApiError(401, "Unauthorized"))
        asked = await _asked(request)
        self.calls.append((method, asked))
        fault = self.faults.next(method)
        if fault and (failed := await _before(fault, request)):
            return failed
        answer = await self._answered(method, asked)
        if fault and fault.kind is Kind.REPLY_LOST:
            return _cut(request)
        return answer

    async def _answered(self, method: str, asked: Json) -> web.Response:
        handler = {name.lower(): function for name, function in METHODS.items()}.get(method.lower())
        if handler is None:
            return _answer(ApiError(404, "Not Found"))
        try:
            return web.json_response({"ok": True, "result": await handler(self, asked)})
        except ApiError as error:
            return _answer(error)

    async def file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        if content is None or request.match_info["token"] != TOKEN:
            return web.Response(status=404)
        return web.Response(body=content)


async def _before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    match fault.kind:
        case Kind.TOO_MANY:
            seconds = int(fault.seconds)
            return _answer(ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))
        case Kind.SERVER_ERROR:
            return web.Response(status=502, text="Bad Gateway")
        case Kind.DROPPED:
            return _cut(request)
        case Kind.DELAYED:
            await asyncio.sleep(fault.seconds)
    return None


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def _answer(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.json_response(body, status=error.code)


async def _asked(request: web.Request) -> Json:
    """Read parameters as the real server does: from the address, a form, multipart or JSON."""
    if request.content_type == "application/json":
        return {**request.query, **(await request.json())}
    form = await request.post()
    return {name: _value(value) for name, value in [*request.query.items(), *form.items()]}


def _value(value: object) -> Any:
    if not isinstance(value, str) or value[:1] not in '[{tf"':
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[FakeTelegram]:
    """Run a fake on a free port of this machine."""
    fake = FakeTelegram()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/bot{token}/{method}", fake.handle)
    app.router.add_get("/file/bot{token}/files/{name}", fake.file)
    async with on_a_free_port(app) as fake.url:
        pusher = asyncio.create_task(Pusher(fake).run())
        try:
            yield fake
        finally:
            pusher.cancel()
