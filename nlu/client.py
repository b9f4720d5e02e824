"""Asks the NLU server what an utterance says; without the server, the word lists answer.

NluError
└── Unavailable      no answer, or none that can be read
"""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import httpx

from nlu.lexicon import Lexicon, shipped, understand_by_words
from nlu.lexicon.facts import MAX_CHARS
from nlu.reading import BadAnswer, read_answer
from nlu.understanding import Understanding

TIME_LIMIT: Final = timedelta(seconds=2)
REST: Final = timedelta(seconds=1)
_MAX_ANSWER_BYTES: Final = 1_000_000
"""Ten times what the longest utterance gives."""


class NluError(Exception):
    """Understanding by the server failed. The message says how, never of what text."""


class Unavailable(NluError):
    """The server gave no answer that can be read; the caller goes on by words."""


class Client:
    """One NLU server. May be used by many turns at once.

    A server that does not answer is left alone for `rest`, then one utterance tries it again, so that a dead server
    does not cost every turn the time limit.
    """

    def __init__(  # noqa: PLR0913  each has a default that serves
        self,
        url: str,
        *,
        lexicon: Lexicon | None = None,
        time_limit: timedelta = TIME_LIMIT,
        rest: timedelta = REST,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the server's address ("http://127.0.0.1:5005"); `clock` in seconds."""
        self._lexicon = lexicon or shipped()
        self._limit, self._rest, self._clock = time_limit.total_seconds(), rest.total_seconds(), clock
        self._http = httpx.AsyncClient(base_url=url, timeout=self._limit, transport=transport, trust_env=False)
        self._silent = False
        self._next_try = 0.0

    async def understand(self, text: str) -> Understanding:
        """Return what `text` says: from the server, or by words where it fails (`by_server` tells). Never raises."""
        try:
            return await self.ask(text)
        except NluError:
            return understand_by_words(text, self._lexicon)

    async def ask(self, text: str) -> Understanding:
        """Return what the server says of `text`, with the danger words found here.

        Raises:
            Unavailable: It does not answer, is being left alone, or its answer cannot be read.
        """
        now = self._clock()
        if self._silent and now < self._next_try:
            raise Unavailable("left alone")
        self._next_try = now + self._limit + self._rest  # while one tries, the others do not
        body = await self._post(text[:MAX_CHARS])
        try:
            return read_answer(json.loads(body), text, self._lexicon)
        except (BadAnswer, ValueError, RecursionError):
            raise Unavailable("answer not readable") from None

    async def alive(self) -> bool:
        """Tell whether the server answers its health address."""
        try:
            response = await self._http.get("/")
        except (httpx.HTTPError, OSError):
            return False
        return response.is_success

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, text: str) -> bytes:
        """Return the body of the server's answer."""
        try:
            async with asyncio.timeout(self._limit):
                body = await self._exchange(text)
        except (httpx.HTTPError, OSError, TimeoutError):
            self._silent, self._next_try = True, self._clock() + self._rest
            raise Unavailable("no answer") from None
        self._silent = False
        return body

    async def _exchange(self, text: str) -> bytes:
        content = json.dumps({"text": text})
        headers = {"Content-Type": "application/json"}
        async with self._http.stream("POST", "/model/parse", content=content, headers=headers) as response:
            if not response.is_success:
                self._silent = False
                raise Unavailable("refused")
            return await _limited(response)


async def _limited(response: httpx.Response) -> bytes:
    """Read a body that a wrong server may make endless."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise Unavailable("answer too long")
    return bytes(body)
