"""The chat page: one template in any of our languages, a few static files, nothing from elsewhere."""

import base64
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.pulled import MAX_FILE_BYTES
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, LANGUAGES, spoken
from bot.model.codes import DANGER
from bot.model.reply import Say
from bot.web import listening
from bot.web.app import POLICY, policy
from bot.web.languages import preferred

APP_PATH = "/app"
_TELEGRAM_WEB = "https://web.telegram.org"
"""Telegram in a browser shows Mini Apps in a frame; its other apps have a window for them."""
_HERE = Path(__file__).resolve().parent
PAGES = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
_WORDS = (
    "title",
    "placeholder",
    "send",
    "attach",
    "location",
    "leave",
    "language",
    "offline",
    "sending",
    "retry",
    "no_location",
    "noscript",
    "closed",
    "conversation",
    "seal_on",
    "seal_off",
    "seal_cannot",
    "app_closed",
)
_TYPED = ("stop", "erase", "skip", "done", "receipt", "hide")
"""Words that the reporter is told to type: the page knows these without asking."""


def routes(leave_to: str, recipients: Sequence[str], *, has_app: bool) -> list[BaseRoute]:
    """Give the page's addresses.

    Args:
        leave_to: Where the quick exit leads; empty: to a blank page.
        recipients: The hotline's age keys, which the page seals to.
        has_app: Telegram may show the page as a Mini App.
    """
    fixed = {"leave_to": leave_to, "recipients": " ".join(recipients), "library": library_integrity()}

    def shown(request: Request, *, is_app: bool) -> str:
        code = spoken(request.query_params.get("language")) or preferred(request) or FALLBACK
        return PAGES.get_template("chat.html").render(_context(code), **fixed, is_app=is_app)

    async def page(request: Request) -> Response:
        return HTMLResponse(shown(request, is_app=False))

    async def app(request: Request) -> Response:
        return HTMLResponse(shown(request, is_app=True), headers={POLICY: policy(_TELEGRAM_WEB)})

    packed = [Middleware(GZipMiddleware)]  # nothing secret is in these answers
    pages = [Route("/", page, middleware=packed), *([Route(APP_PATH, app, middleware=packed)] if has_app else [])]
    return [*pages, Mount("/static", StaticFiles(directory=_HERE / "static"), middleware=packed), listening.route()]


def library_integrity() -> str:
    """Give the hash that the page lets its age library run with: the pinned one, whatever the file is."""
    pinned = tomllib.loads((_HERE / "vendor" / "age.toml").read_text("utf-8"))["sha256"]
    return "sha256-" + base64.b64encode(bytes.fromhex(pinned)).decode()


def _context(code: str) -> Mapping[str, object]:
    catalogue = catalogue_of(code)
    words = {name: catalogue.word(f"web.{name}") for name in _WORDS}
    return {
        "page_language": code,
        "direction": LANGUAGES[code].direction,
        "words": {**words, "too_big": catalogue.text(Say("file_too_big"))},
        "danger": {"id": DANGER, "label": catalogue.label(DANGER)},
        "typed": "|".join(catalogue.label(wish) for wish in _TYPED),
        "languages": [{"code": row.code, "own_name": row.own_name} for row in LANGUAGES.values()],
        "max_file_bytes": MAX_FILE_BYTES,
    }
