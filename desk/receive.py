"""`POST /tickets`: verified over the raw bytes before anything is read, answered only after the commit."""

import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from standardwebhooks import Webhook
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desk.signature import is_signed
from desk.store import Store

MAX_BODY_BYTES = 80 * 1024 * 1024
"""A 20 MB photo with its copy, in base64 inside the sealed JSON and again outside."""
_SCHEMA = json.loads((Path(__file__).resolve().parent / "ticket-v1.schema.json").read_text("utf-8"))
_TICKET = Draft202012Validator(_SCHEMA, format_checker=FormatChecker())
TICKETS = frozenset({"ticket.filed", "ticket.amended", "ticket.withdrawn"})


class Receiver:
    """The queue's door."""

    def __init__(self, store: Store, secrets: Sequence[str]) -> None:
        """Take where tickets are kept, and the `whsec_...` secrets shared with the sender: any of them opens."""
        self._store, self._webhooks = store, [Webhook(secret) for secret in secrets]

    async def take(self, request: Request) -> Response:
        """Answer 204 once an event is kept; 401, 413, 400 or 422 with an empty body otherwise."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return Response(status_code=413)
        if not any(is_signed(webhook, bytes(body), request.headers) for webhook in self._webhooks):
            return Response(status_code=401)
        return Response(status_code=await run_in_threadpool(self._keep, bytes(body), request.headers["webhook-id"]))

    def _keep(self, body: bytes, webhook_id: str) -> int:
        try:
            event = json.loads(body)
            kind, data = event["type"], event["data"]
        except (ValueError, KeyError, TypeError):
            return 400
        if kind not in TICKETS | {"part.sealed"}:
            return 400
        if not _is_valid(kind, data):
            return 422
        self._store.take(webhook_id, kind, data)
        return 204


def _is_valid(kind: str, data: Any) -> bool:  # noqa: ANN401 - outside data
    if kind in TICKETS:
        return bool(_TICKET.is_valid(data))
    try:
        return isinstance(data["ticket_id"], str) and bool(base64.b64decode(data["content"], validate=True))
    except (KeyError, TypeError, binascii.Error):
        return False
