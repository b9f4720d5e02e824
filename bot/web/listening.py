"""What the page listens for by itself in words that it seals: those that steer us, and those that speak of danger.

The first go in clear, as we could not follow them. Of the second only a code goes, beside the sealed words.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.i18n.languages import FALLBACK, spoken
from bot.model.triage import HEARD_IN_PAGE
from nlu.lexicon.words import DATA, read

PATH = "/chat/words"
ALWAYS = (FALLBACK, "km", "zh-Hans", "zh-Hant", "vi")
"""Listened for whatever the page speaks: what most people in the compounds write. All 25 would take 107 kB packed."""
_MOST_LANGUAGES = 2
"""The page's and the chat's."""


def route() -> Route:
    """Give the address; its answer says nothing of anybody, and words pack well."""

    async def words(request: Request) -> Response:
        asked = request.query_params.getlist("language")[:_MOST_LANGUAGES]
        return JSONResponse(listened_for(*sorted({code for each in asked if (code := spoken(each))})))

    return Route(PATH, words, methods=["GET"], middleware=[Middleware(GZipMiddleware)])


@lru_cache(maxsize=32)
def listened_for(*codes: str) -> Mapping[str, Any]:
    """Give the commands, dangers and words beside an age of some languages and of `ALWAYS`, as people type them."""
    tables = [read(DATA / folder / "lexicon.toml") for folder in dict.fromkeys((*codes, *ALWAYS))]
    own = [*tables[: len(codes)], read(DATA / FALLBACK / "lexicon.toml")]
    commands = [word for table in own for words in table["command"].values() for word in words]
    return {
        "commands": sorted(set(commands)),
        "dangers": {code: _words(tables, "danger", code) for code in sorted(HEARD_IN_PAGE)},
        "ages": {side: _words(tables, "age", side) for side in ("before", "after")},
    }


def _words(tables: Sequence[Mapping[str, Any]], name: str, key: str) -> list[str]:
    return [word for table in tables for word in table[name].get(key, [])]
