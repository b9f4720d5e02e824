"""Where channels call us. A wrong caller or body gets an empty answer, and nothing is lost or told."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.table import TELEGRAM_PATH
from bot.channels.telegram.reading import read_json
from bot.channels.telegram.receiving import Receiver
from bot.errors import UpdateError
from bot.web.bodies import whole

_MAX_BODY_BYTES = 1024 * 1024


def telegram(receiver: Receiver, secret: str) -> Route:
    """Give the address of Telegram's webhook: 200 only after the update is durably stored."""

    async def take(request: Request) -> Response:
        shown = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            return Response(status_code=403)
        return await _stored(receiver, await whole(request, _MAX_BODY_BYTES))

    return Route(TELEGRAM_PATH, take, methods=["POST"])


async def _stored(receiver: Receiver, body: bytes) -> Response:
    try:
        await receiver.take([read_json(body)])
    except UpdateError:
        return Response(status_code=400)
    return Response()
