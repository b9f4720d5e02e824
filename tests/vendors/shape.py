"""One recorded call and what it must become."""

from dataclasses import dataclass

from bot.channels.wire import Call
from bot.model.message import Message


@dataclass(frozen=True)
class Shape:
    """A proven call, and what a report gets of it, in order; nothing of one in which no reporter said anything."""

    call: Call
    said: tuple[Message, ...] = ()
