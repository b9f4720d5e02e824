"""Alive, ready, and figures."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import REGISTRY

type Parts = Mapping[str, Callable[[], Awaitable[bool]]]
"""Each outside part by name, with how to ask whether it answers."""
NEEDED = frozenset({"database"})
"""Without the others reports are still taken: words lists understand, and tickets wait."""


def routes(parts: Parts) -> list[Route]:
    """Give the three addresses."""

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_: Request) -> Response:
        found = {name: await ask() for name, ask in parts.items()}
        whole = all(found[name] for name in NEEDED & found.keys())
        return JSONResponse({"ready": whole, "parts": found}, 200 if whole else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]
