"""The one place that calls vendors: what a failure means, and nothing of a call in it."""

import asyncio
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv6Address, ip_address
from socket import SOCK_STREAM

import httpx

from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, AttachmentLater, AttachmentTooBig, SendError, SendLater, SendNever

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds; who does not answer a connection soon does not later either, and nothing was sent yet."""
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_DOWNLOAD_SECONDS = 60.0
"""For one file, however slowly it trickles in."""
_DOWNLOADS_AT_ONCE = 4
"""Each is held in memory whole: 20 MB on most channels."""
_MOST_HOPS = 5


class Sender:
    """Connections to vendors, shared by all channels."""

    def __init__(self) -> None:
        """Open nothing yet."""
        limits = httpx.Limits(max_connections=64)
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, limits=limits, cookies=no_cookies)
        self._downloads = asyncio.Semaphore(_DOWNLOADS_AT_ONCE)

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
        """Fetch something of at most so many bytes, within a minute, wherever the vendor sends us for it.

        Raises:
            AttachmentTooBig: It is bigger.
            AttachmentLater: The network failed.
            AttachmentError: It cannot be had.
        """
        try:
            async with self._downloads, asyncio.timeout(_DOWNLOAD_SECONDS):
                return await self._followed(self._built(request), most_bytes)
        except httpx.TransportError:
            raise AttachmentLater("the vendor could not be asked for the file") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, TimeoutError):
            raise AttachmentError("the vendor did not give the file") from None

    async def _followed(self, first: httpx.Request, most_bytes: int) -> Response:
        asked = first
        for _ in range(_MOST_HOPS + 1):
            answer = await self._http.send(asked, stream=True)
            try:
                if answer.next_request is None:
                    return Response(answer.status_code, _headers(answer), await _limited(answer, most_bytes))
            finally:
                await answer.aclose()
            asked = await self._onwards(first.url, asked, answer.next_request.url)
        raise AttachmentError("sent from place to place for the file")

    async def _onwards(self, first: httpx.URL, asked: httpx.Request, url: httpx.URL) -> httpx.Request:
        """Write the call to where we are sent: never into our own network, and our credentials to their host alone."""
        if url.scheme not in ("https", first.scheme):
            raise AttachmentError("sent to where the file is not sealed on its way")
        if await _is_inside(url) and not await _is_inside(first):
            raise AttachmentError("sent into our own network for the file")
        credentials = asked.headers if _origin(asked.url) == _origin(url) else None
        return self._http.build_request("GET", url, headers=credentials)

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


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _is_inside(url: httpx.URL) -> bool:
    """Tell whether a host has any address that is not of the open internet: private, loopback, link-local and the like.

    Raises:
        AttachmentLater: It has none at all now.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode(), url.port, type=SOCK_STREAM)
    except OSError:
        raise AttachmentLater("a host without an address") from None
    return not all(_is_outside(str(socket_address[0])) for *_, socket_address in found)


def _is_outside(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_global


async def _limited(answer: httpx.Response, most_bytes: int) -> bytes:
    held = bytearray()
    async for chunk in answer.aiter_bytes():
        held += chunk
        if len(held) > most_bytes:
            raise AttachmentTooBig("over the channel's limit")
    return bytes(held)
