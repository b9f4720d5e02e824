"""An NLU server that can be slow, broken or answer nonsense."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from nlu.lexicon import shipped, understand_by_words
from nlu.understanding import Understanding
from tests.fakes.serving import serving


class Words:
    """Understands as the bot does while no server answers."""

    async def understand(self, text: str) -> Understanding:
        return understand_by_words(text, shipped())


@dataclass
class FakeNlu:
    """Answers every utterance with `answer`, after `seconds`; those in `answers` with their own."""

    answer: Any = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    seconds: float = 0.0
    asked: int = 0
    url: str = ""

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(status=self.status, text="Hello from a fake")

    async def parse(self, request: web.Request) -> web.Response:
        text = json.loads(await request.read())["text"]
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if text in self.answers:
            return web.json_response(self.answers[text])
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, status=self.status, content_type="application/json")
        return web.json_response(self.answer, status=self.status)


@contextlib.asynccontextmanager
async def understanding() -> AsyncIterator[FakeNlu]:
    nlu = FakeNlu()
    app = web.Application()
    app.router.add_post("/model/parse", nlu.parse)
    app.router.add_get("/", nlu.alive)
    async with serving(app) as nlu.url:
        yield nlu
