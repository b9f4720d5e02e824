"""What the hotline calls: words for a reporter, and how far a ticket is. Signed as our calls to it are."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.model.codes import Handling
from bot.turns.drawer import Drawer, Taken
from bot.web.bodies import whole
from desk.signature import is_signed

MAX_BODY_BYTES = 64 * 1024
MOST_CHARS = 2_000
"""A question to somebody with minutes; every channel takes it in one message."""
_STATUS = {Taken.YES: 202, Taken.UNKNOWN: 404, Taken.UNWANTED: 409}

type Work = Callable[[UUID, str, Mapping[str, Any]], Awaitable[Response]]


class HotlineApi:
    """The two calls."""

    def __init__(self, drawer: Drawer, secrets: Sequence[str]) -> None:
        """Take who keeps letters, and the `whsec_...` secrets shared with the hotline: any of them opens."""
        self._drawer, self._webhooks = drawer, [Webhook(secret) for secret in secrets]

    def routes(self) -> list[Route]:
        """Give the addresses."""
        return [self._route("messages", self._message), self._route("status", self._status)]

    def _route(self, name: str, work: Work) -> Route:
        async def call(request: Request) -> Response:
            body = await whole(request, MAX_BODY_BYTES)
            if not any(is_signed(webhook, body, request.headers) for webhook in self._webhooks):
                return Response(status_code=403)
            try:
                ticket_id, sent = UUID(request.path_params["ticket_id"]), json.loads(body)
            except (ValueError, RecursionError):
                return _refused("body: not JSON, or no such ticket's id")
            if not isinstance(sent, dict):
                return _refused("body: not an object")
            return await work(ticket_id, request.headers["webhook-id"], sent)

        return Route(f"/hotline/tickets/{{ticket_id}}/{name}", call, methods=["POST"])

    async def _message(self, ticket_id: UUID, webhook_id: str, sent: Mapping[str, Any]) -> Response:
        """Put words into the drawer: 202; 404 for an unknown report, 409 where the reporter wants no answer."""
        text = sent.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > MOST_CHARS:
            return _refused(f"text: missing, or over {MOST_CHARS} characters")
        words = text.strip().encode("utf-8", "replace").decode()
        return Response(status_code=_STATUS[await self._drawer.put(ticket_id, webhook_id[:128], words)])

    async def _status(self, ticket_id: UUID, _: str, sent: Mapping[str, Any]) -> Response:
        """Remember how far the hotline is: 202; 404 for an unknown report."""
        try:
            handling = Handling(str(sent.get("status")))
        except ValueError:
            return _refused("status: not acknowledged, in_progress or closed")
        return Response(status_code=_STATUS[await self._drawer.handle(ticket_id, handling)])


def _refused(reason: str) -> Response:
    return JSONResponse({"error": reason}, 400)
