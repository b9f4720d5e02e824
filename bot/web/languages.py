"""Which of our languages a browser prefers."""

from starlette.requests import Request

from bot.i18n.languages import spoken


def preferred(request: Request) -> str | None:
    """Give the first language of `Accept-Language` that we speak; None if there is none."""
    tags = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return next((found for tag in tags if (found := spoken(tag))), None)
