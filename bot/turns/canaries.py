"""Who is no reporter: each channel's canary, whose reports show that the channel lives."""

from collections.abc import Mapping
from uuid import uuid4

from bot.channels.channel import Channel
from storage.vault import Vault


def canary_keys(channels: Mapping[str, Channel], vault: Vault) -> frozenset[bytes]:
    """Give the address keys of every channel's canary."""
    return frozenset(canary_key(channel, vault) for channel in channels.values())


def canary_key(channel: Channel, vault: Vault) -> bytes:
    """Give the address key of a channel's canary."""
    user = channel.envelope(channel.synthetic(uuid4().hex, "")).user
    return vault.address_key(channel.name, user.reveal())
