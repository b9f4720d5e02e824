"""What the page listens for by itself in words that it seals: those that steer us, and those that speak of danger.

The first go in clear, as we could not follow them. Of the second only a code goes, beside the sealed words.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.i18n.languages import FALLBACK, spoken
from bot.model.triage import IMMEDIATE
from nlu.lexicon.words import DATA, read

PATH = "/chat/words"


def route() -> Route:
    """Give the address; its answer says nothing of anybody, and words pack well."""

    async def words(request: Request) -> Response:
        code = spoken(request.query_params.get("language")) or FALLBACK
        return JSONResponse(listened_for(code))

    return Route(PATH, words, methods=["GET"], middleware=[Middleware(GZipMiddleware)])


@cache
def listened_for(code: str) -> Mapping[str, Any]:
    """Give the commands and the dangers of a language and of English, as people type them."""
    tables = [read(DATA / folder / "lexicon.toml") for folder in dict.fromkeys((code, FALLBACK))]
    commands = [word for table in tables for words in table["command"].values() for word in words]
    return {"commands": commands, "dangers": {danger: _words(tables, danger) for danger in sorted(IMMEDIATE)}}


def _words(tables: Sequence[Mapping[str, Any]], danger: str) -> list[str]:
    return [word for table in tables for word in table["danger"].get(danger, [])]
