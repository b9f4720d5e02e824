"""The channels that an installation has: one row each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.channels.channel import Channel
from bot.channels.pulled import PulledChannel
from bot.channels.telegram.channel import Telegram
from bot.settings import Settings

TELEGRAM_PATH = "/telegram/webhook"


def _telegram(settings: Settings) -> Telegram | None:
    if settings.telegram_token is None:
        return None
    webhook_url = settings.public_url + TELEGRAM_PATH if settings.public_url else ""
    return Telegram(settings.telegram_token.get_secret_value(), settings.telegram_api_url, webhook_url)


ROWS: Mapping[str, Callable[[Settings], Channel | None]] = MappingProxyType(
    {
        "telegram": _telegram,
        "web": lambda _: PulledChannel("web", clears=True),
        "console": lambda _: PulledChannel("console", clears=False),
    },
)
"""How each channel is made from the settings; None: it is off."""


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Make every channel that is on."""
    made = {name: make(settings) for name, make in ROWS.items()}
    return MappingProxyType({name: channel for name, channel in made.items() if channel})
