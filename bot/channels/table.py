"""The channels that an installation can have: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.channels.accounts import Account, account_of, variables
from bot.channels.capabilities import Capabilities
from bot.channels.channel import Channel
from bot.channels.line.vendor import Line, LineAccount
from bot.channels.messenger.vendor import Messenger, MessengerAccount
from bot.channels.pulled import PulledChannel
from bot.channels.sending import Sender
from bot.channels.signal.listening import SignalChannel
from bot.channels.signal.vendor import Signal, SignalAccount
from bot.channels.telegram.channel import Telegram
from bot.channels.twilio.vendor import Twilio, TwilioAccount
from bot.channels.vended import Links, Vended
from bot.channels.vendor import Vendor
from bot.channels.viber.vendor import Viber, ViberAccount
from bot.channels.vonage.vendor import Vonage, VonageAccount
from bot.channels.wechat.vendor import WeChat, WeChatAccount, WeChatChannel
from bot.channels.whatsapp.vendor import WhatsApp, WhatsAppAccount
from bot.errors import SettingsError
from bot.settings import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One vendor: our account there, its functions, and what makes a channel of them where that takes more."""

    account: type[Account]
    vendor: type[Vendor]
    channel: Callable[[Any, Sender, Links], Vended] = Vended

    @property
    def name(self) -> str:
        """In variables and addresses."""
        return self.vendor.name

    def make(self, settings: Settings, sender: Sender, links: Links) -> Vended | None:
        """Make the channel; None: it is off."""
        account = account_of(self.name, self.account, settings.accounts)
        if account is None:
            return None
        return self.channel(self.vendor(account, webhook_url(settings, self.name)), sender, links)


def webhook_path(name: str) -> str:
    """Give the path of a channel's webhook."""
    return f"/{name}/webhook"


def webhook_url(settings: Settings, name: str) -> str:
    """Give the address of a channel's webhook as the vendor sees it; empty: nobody reaches us from outside."""
    return settings.public_url + webhook_path(name) if settings.public_url else ""


VENDORS = (
    Row(WhatsAppAccount, WhatsApp),
    Row(LineAccount, Line),
    Row(VonageAccount, Vonage),
    Row(MessengerAccount, Messenger),
    Row(TwilioAccount, Twilio),
    Row(ViberAccount, Viber),
    Row(WeChatAccount, WeChat, WeChatChannel),
    Row(SignalAccount, Signal, SignalChannel),
)
"""To add a channel: `docs/adding-a-channel.md`."""


def _telegram(settings: Settings, sender: Sender) -> Telegram | None:
    if settings.telegram_token is None:
        return None
    url = webhook_url(settings, "telegram")
    return Telegram(settings.telegram_token.get_secret_value(), settings.telegram_api_url, url, sender)


_OURS: Mapping[str, Callable[[Settings, Sender], Channel | None]] = MappingProxyType(
    {
        "telegram": _telegram,
        "web": lambda *_: PulledChannel("web", clears=True),
        "console": lambda *_: PulledChannel("console", clears=False),
    },
)


def channels(settings: Settings, sender: Sender, links: Links) -> Mapping[str, Channel]:
    """Make every channel that is on.

    Raises:
        SettingsError: An account is not whole, or two vendors would make one channel.
    """
    made = [
        *(make(settings, sender) for make in _OURS.values()),
        *(row.make(settings, sender, links) for row in VENDORS),
    ]
    on = [channel for channel in made if channel]
    names = [channel.name for channel in on]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"{', '.join(sorted(twice))}: two vendors are set, and one is used at a time")
    return MappingProxyType(dict(zip(names, on, strict=True)))


def unknown(settings: Settings) -> list[str]:
    """Name the variables of ours that no channel has: a slip of the pen, or of another version."""
    known = tuple(f"{row.name}_" for row in VENDORS)
    return sorted(f"{PREFIX}{name.upper()}" for name in settings.accounts if not name.startswith(known))


def abilities() -> Mapping[str, Capabilities]:
    """Give what every channel can do, whether it is on or not."""
    ours = {"telegram": Telegram.capabilities, "web": PulledChannel("web", clears=True).capabilities}
    return MappingProxyType(ours | {row.name: row.vendor.capabilities for row in VENDORS})


def variables_of(name: str) -> tuple[str, ...]:
    """Name the variables that turn a channel on; none: it always is."""
    if name == "telegram":
        return (f"{PREFIX}TELEGRAM_TOKEN",)
    return next((variables(row.name, row.account) for row in VENDORS if row.name == name), ())
