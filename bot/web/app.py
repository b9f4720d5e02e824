"""One HTTP application of all routes, with the headers that every answer carries."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

POLICY = "content-security-policy"


def policy(framed_by: str = "'none'") -> str:
    """Give the content security policy of a page that may stand in a frame of `framed_by`'s."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
    )


_HEADERS = {
    POLICY: policy(),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


def application(routes: Sequence[BaseRoute]) -> Starlette:
    """Put routes into one application. Errors say what is wrong with a call, never what it held."""
    return Starlette(
        routes=list(routes),
        middleware=[Middleware(_SafeHeaders)],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered above
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _failed(_: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "on our side; send it again"}, 500)


class _SafeHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_missing(message["headers"])]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _missing(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Give what every answer carries, but for what this one says by itself."""
    there = {name for name, _ in headers}
    return [(name.encode(), value.encode()) for name, value in _HEADERS.items() if name.encode() not in there]
