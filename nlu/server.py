"""The NLU server: Rasa's `POST /model/parse` on loopback, and `GET /` for health.

`uv run --project nlu python -m nlu.server [--port 5005] [--host 127.0.0.1] [--parent]` from the repository root. Prints
"ready" when it listens. Nothing of what people wrote goes to a log, an error or the screen.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from nlu.engine import Engine
from nlu.models import HERE, model_path

PORT: Final = 5005
_MAX_BODY_BYTES: Final = 1_000_000
_MAX_BATCH: Final = 16
_CACHED: Final = 256
"""Answers kept in memory, the least used goes first: short answers ("yes", "12") come again and again."""
_CACHED_CHARS: Final = 40
"""Only such short texts are kept: a server's memory is no place for stories."""

Answer = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Batcher:
    """Parses what came in while the last batch was parsed as the next batch.

    It parses between two turns of the loop: a thread of its own would cost a message a tenth of its time.
    """

    def __init__(self, parse: Callable[[list[str]], list[Answer]]) -> None:
        """Take the function that parses many texts."""
        self._parse = parse
        self._waiting: asyncio.Queue[tuple[str, asyncio.Future[Answer]]] = asyncio.Queue()
        self._cache: OrderedDict[str, Answer] = OrderedDict()

    async def answer(self, text: str) -> Answer:
        """Return the answer for one text."""
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((text, future))
        answer = await future
        self._keep(text, answer)
        return answer

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _MAX_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            self._settle([item for item in batch if not item[1].done()])
            await asyncio.sleep(0)  # what came in meanwhile is read

    def _settle(self, batch: list[tuple[str, "asyncio.Future[Answer]"]]) -> None:
        """Parse a batch; if it fails, each of it alone, so that one text cannot fail another's turn."""
        texts = [text for text, _ in batch]
        try:
            answers = self._parse(texts)
        except Exception:  # noqa: BLE001  whatever Rasa raises, the loop goes on
            if len(batch) > 1:
                for item in batch:
                    self._settle([item])
                return
            answers = [{}]
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    def _keep(self, text: str, answer: Answer) -> None:
        if len(text) <= _CACHED_CHARS and answer:
            self._cache[text] = answer
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)


def application(engine: Engine) -> web.Application:
    """Return the HTTP application around a loaded model."""
    batcher = Batcher(engine.parse)

    async def work(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(batcher.run())
        yield
        task.cancel()

    async def parse(request: web.Request) -> web.Response:
        text = await _text(request)
        if text is None:
            return _json({"status": "failure", "reason": "body"}, 400)
        answer = await batcher.answer(text)
        return _json(answer) if answer else _json({"status": "failure", "reason": "parse"}, 500)

    async def health(_: web.Request) -> web.Response:
        return _json({"status": "ok", "model_id": engine.model_id})

    app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[_silent])
    app.cleanup_ctx.append(work)
    app.router.add_post("/model/parse", parse)
    app.router.add_get("/", health)
    return app


@web.middleware
async def _silent(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn any failure into an answer without a word of it: a traceback would quote the text."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _json({"status": "failure", "reason": "request"}, error.status)
    except Exception:  # noqa: BLE001
        return _json({"status": "failure", "reason": "internal"}, 500)


async def _text(request: web.Request) -> str | None:
    """Return the text of a well-formed body, without lone surrogates, which no encoder takes."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    text = body.get("text") if isinstance(body, dict) else None
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else None


def _json(answer: Answer, status: int = 200) -> web.Response:
    return web.json_response(answer, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))


def _end_with_parent() -> None:
    """End this process when the one that started it does, however it ends: its end of our stdin closes."""

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _listening() -> None:
    """Say so, and from now on show nothing: not even a crash in native code."""
    print("ready", flush=True)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)


def _trained() -> Path:
    """Return the model, trained first if there is none: in a process of its own, which remembers what it embedded."""
    model = model_path()
    if not model.exists():
        subprocess.run([sys.executable, "-m", "nlu.train"], cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
    return model


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--host", default="127.0.0.1", help="another only where nobody else reaches it: a container")
    parser.add_argument("--parent", action="store_true", help="exit when the process that started this one exits")
    options = parser.parse_args()
    if options.parent:
        _end_with_parent()
    logging.disable(logging.CRITICAL)  # aiohttp's and asyncio's errors may quote a request
    engine = Engine(_trained())
    gc.collect()
    gc.freeze()  # the model stays: looking through it again and again would cost a twentieth of the time
    web.run_app(
        application(engine),
        host=options.host,
        port=options.port,
        print=lambda *_: _listening(),
        access_log=None,
    )


if __name__ == "__main__":
    main()
