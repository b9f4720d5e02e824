"""A page of one button that sends where the phone is, for channels that have none. Its link works for an hour.

Who the link is for stands in it, encrypted, behind the `#`: no server, log or preview on the way sees even that.
"""

import base64
import binascii
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.channels.channel import Accept, Channel
from bot.channels.items import pack, pinned
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, LANGUAGES
from bot.model.message import Address, Pin
from bot.model.reply import Say
from bot.web.bodies import whole
from bot.web.chat import is_number, object_of
from bot.web.languages import preferred
from bot.web.page import PAGES
from storage.vault import Vault

PATH = "/place"
_GOOD_FOR = timedelta(hours=1)
_PLACE = "link"
"""What links are encrypted for."""
_MAX_BODY_BYTES = 4096


class Links:
    """Makes and reads links."""

    def __init__(
        self, vault: Vault, public_url: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take the data key, and how the outside reaches us; None: there are no links."""
        self._vault, self._public_url, self._now = vault, public_url, now

    def __call__(self, address: Address) -> str:
        """Make a link for one reporter; empty where nobody could open it."""
        if not self._public_url:
            return ""
        ends = (self._now() + _GOOD_FOR).timestamp()
        held = json.dumps([address.channel, address.user.reveal(), int(ends), os.urandom(8).hex()])
        token = base64.urlsafe_b64encode(self._vault.encrypt(held.encode(), _PLACE)).decode().rstrip("=")
        return f"{self._public_url}{PATH}#{token}"

    def read(self, token: str) -> tuple[str, str, str] | None:
        """Give channel, user and the link's own id; None: it is not ours, or too old."""
        try:
            encrypted = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            channel, user, ends, id_ = json.loads(self._vault.decrypt(encrypted, _PLACE))
        except (binascii.Error, ValueError, InvalidTag):
            return None
        return (channel, user, id_) if self._now().timestamp() < ends else None


type IsOpen = Callable[[str, str], Awaitable[bool]]
"""Tells whether a channel's user has a report that goes on in the open: after an erasure a link must begin nothing."""


def routes(links: Links, channels: Mapping[str, Channel], accept: Accept, is_open: IsOpen) -> list[Route]:
    """Give the page and what it calls: 200 once the place is durably stored, and again for the same place."""

    async def page(request: Request) -> Response:
        code = preferred(request) or FALLBACK
        return HTMLResponse(PAGES.get_template("place.html").render(_context(code)))

    async def take(request: Request) -> Response:
        sent = object_of(await whole(request, _MAX_BODY_BYTES))
        known = links.read(str(sent.get("token", "")))
        channel = channels.get(known[0]) if known else None
        if known is None or channel is None or not await is_open(known[0], known[1]):
            return Response(status_code=403)
        lat, lon, accuracy = (sent.get(name) for name in ("lat", "lon", "accuracy"))
        if not (is_number(lat) and is_number(lon)):
            return Response(status_code=400)
        pin = Pin(float(lat), float(lon), float(accuracy) if is_number(accuracy) else None)
        await accept(channel, [pack(pinned(f"place:{known[2]}:{lat}:{lon}", known[1], pin))])
        return JSONResponse({})

    return [Route(PATH, page, methods=["GET"]), Route(PATH, take, methods=["POST"])]


def _context(code: str) -> Mapping[str, object]:
    catalogue = catalogue_of(code)
    words = {
        name: catalogue.word(f"web.{name}") for name in ("title", "location", "no_location", "noscript", "offline")
    }
    kept = catalogue.text(Say("noted"))  # no word of a hotline: whoever taps a link in a chat sees it
    return {"page_language": code, "direction": LANGUAGES[code].direction, "words": {**words, "kept": kept}}
