"""The desk's HTTP application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from desk.pages import HERE, Pages
from desk.receive import Receiver
from desk.store import Store

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def application(store: Store, secrets: Sequence[str], hosts: Sequence[str] = LOOPBACK) -> Starlette:
    """Make it; requests for other names than `hosts` are refused, lest a page elsewhere reads the queue."""
    pages = Pages(store)
    return Starlette(
        routes=[
            Route("/", pages.queue),
            Route("/tickets", Receiver(store, secrets).take, methods=["POST"]),
            Route("/tickets.json", pages.queue_json),
            Route("/tickets/{ticket_id:uuid}", pages.ticket),
            Route("/tickets/{ticket_id:uuid}.json", pages.ticket_json),
            Route("/healthz", _alive),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(BaseHTTPMiddleware, dispatch=_with_headers),
        ],
    )


async def _alive(_: Request) -> Response:
    return Response("ok")


async def _with_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response
