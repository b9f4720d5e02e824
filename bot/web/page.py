"""The chat page: one template in any of our languages, two static files, nothing from elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.pulled import MAX_FILE_BYTES
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, LANGUAGES, spoken
from bot.model.reply import Say
from bot.web.languages import preferred

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
)


def routes(leave_to: str) -> list[BaseRoute]:
    """Give the page's addresses; `leave_to` is where the quick exit leads, empty: to a blank page."""

    async def page(request: Request) -> Response:
        code = spoken(request.query_params.get("language")) or preferred(request) or FALLBACK
        return HTMLResponse(PAGES.get_template("chat.html").render(_context(code), leave_to=leave_to))

    return [Route("/", page), Mount("/static", StaticFiles(directory=_HERE / "static"))]


def _context(code: str) -> Mapping[str, object]:
    catalogue = catalogue_of(code)
    words = {name: catalogue.word(f"web.{name}") for name in _WORDS}
    return {
        "page_language": code,
        "direction": LANGUAGES[code].direction,
        "words": {**words, "too_big": catalogue.text(Say("file_too_big"))},
        "languages": [{"code": row.code, "own_name": row.own_name} for row in LANGUAGES.values()],
        "max_file_bytes": MAX_FILE_BYTES,
    }
