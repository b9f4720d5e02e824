"""The one place that calls vendors: what a failure means, and nothing of a call in it."""

from collections.abc import Mapping

import httpx

from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, AttachmentTooBig, SendError, SendLater, SendNever

_SECONDS = 30.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Sender:
    """Connections to vendors, shared by all channels."""

    def __init__(self) -> None:
        """Open nothing yet."""
        limits = httpx.Limits(max_connections=64)
        self._http = httpx.AsyncClient(timeout=_SECONDS, trust_env=False, limits=limits)

    async def ask(self, request: Request) -> Response:
        """Make a call and give whatever the vendor answers.

        Raises:
            SendLater: Certainly not sent.
            SendNever: It can be written to nobody.
            SendError: Nobody knows whether it arrived.
        """
        try:
            answer = await self._http.send(self._built(request))
        except _NEVER_SENT:
            raise SendLater from None
        except UnicodeError:
            raise SendNever("an address that cannot be written") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise SendError("nobody knows whether it was sent") from None
        return Response(answer.status_code, _headers(answer), answer.content)

    async def download(self, request: Request, most_bytes: int) -> Response:
        """Fetch something of at most so many bytes, wherever the vendor sends us for it.

        Raises:
            AttachmentTooBig: It is bigger.
            AttachmentError: It cannot be had now.
        """
        try:
            answer = await self._http.send(self._built(request), stream=True, follow_redirects=True)
            try:
                return Response(answer.status_code, _headers(answer), await _limited(answer, most_bytes))
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
            raise AttachmentError("the vendor did not give the file") from None

    def _built(self, request: Request) -> httpx.Request:
        built = self._http.build_request(
            request.method,
            request.url,
            json=request.json,
            data=request.form,
            params=dict(request.query) or None,
            headers=dict(request.headers),
        )
        if request.auth:
            built.headers["authorization"] = _basic(*request.auth)
        return built

    async def aclose(self) -> None:
        """Give back connections."""
        await self._http.aclose()


def _basic(name: str, password: str) -> str:
    return next(httpx.BasicAuth(name, password).sync_auth_flow(httpx.Request("GET", "http://x"))).headers[
        "authorization"
    ]


def _headers(answer: httpx.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


async def _limited(answer: httpx.Response, most_bytes: int) -> bytes:
    held = bytearray()
    async for chunk in answer.aiter_bytes():
        held += chunk
        if len(held) > most_bytes:
            raise AttachmentTooBig("over the channel's limit")
    return bytes(held)
