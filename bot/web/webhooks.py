"""Where channels call us. A wrong caller or body gets an empty answer, and nothing is lost or told."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.channel import Accept
from bot.channels.items import pack
from bot.channels.table import webhook_path
from bot.channels.telegram.reading import read_json
from bot.channels.telegram.receiving import Receiver
from bot.channels.vended import Vended
from bot.channels.wire import Answer, Call
from bot.errors import UpdateError
from bot.web.bodies import whole

_MAX_BODY_BYTES = 4 * 1024 * 1024
"""Meta's batches are up to 3 MB (https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks)."""


def telegram(receiver: Receiver, secret: str) -> Route:
    """Give the address of Telegram's webhook: 200 only after the update is durably stored."""

    async def take(request: Request) -> Response:
        shown = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            return Response(status_code=403)
        return await _stored(receiver, await whole(request, _MAX_BODY_BYTES))

    return Route(webhook_path("telegram"), take, methods=["POST"])


async def _stored(receiver: Receiver, body: bytes) -> Response:
    try:
        await receiver.take([read_json(body)])
    except UpdateError:
        return Response(status_code=400)
    return Response()


def vended(channel: Vended, public_url: str, accept: Accept) -> Route:
    """Give the address of a vendor's webhook: proven before it is read, confirmed after it is durably stored."""
    vendor = channel.vendor

    async def take(request: Request) -> Response:
        call = await _call(request, public_url)
        if call.method != "POST":
            return _response(vendor.greeting(call))
        if not vendor.proves(call):
            return _response(None)
        try:
            await accept(channel, [pack(item) for item in vendor.items(call)])
        except UpdateError:
            return Response(status_code=400)
        return _response(vendor.reply(call))

    return Route(webhook_path(vendor.name), take, methods=["GET", "POST"])


async def _call(request: Request, public_url: str) -> Call:
    """Take a request as its sender made it: what stands in front of us may have changed its address."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Call(
        "POST" if request.method == "POST" else "GET",
        f"{public_url}{request.url.path}{query}",
        dict(request.query_params),
        dict(request.headers),
        await whole(request, _MAX_BODY_BYTES),
    )


def _response(answer: Answer | None) -> Response:
    if answer is None:
        return Response(status_code=403)
    return Response(answer.content, answer.status, media_type=answer.media_type if answer.content else None)
