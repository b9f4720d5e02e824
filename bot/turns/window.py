"""Whether a channel still lets us speak to somebody: asked before anything is sent that no message of theirs caused."""

from datetime import datetime, timedelta

from bot.channels.capabilities import Capabilities

MARGIN = timedelta(minutes=15)
"""So long a reply may wait before it goes out."""


def is_open(can: Capabilities, heard_at: datetime, now: datetime) -> bool:
    """Tell whether the channel's window since the reporter's last message is open, and will be a while."""
    return can.window is None or now - heard_at < can.window - MARGIN


def has_room(can: Capabilities, spent: int, wanted: int) -> bool:
    """Tell whether so many messages more may follow the reporter's last one."""
    return can.burst is None or spent + wanted <= can.burst
