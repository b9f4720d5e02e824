"""What a channel is to the rest of the program."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, runtime_checkable

from bot.channels.capabilities import Capabilities
from bot.channels.health import Health
from bot.model.message import Address, Attachment, Envelope, Update
from bot.model.reply import Reply


class Channel(Protocol):
    """A messaging network. `envelope` and `parse` are pure; the rest is I/O."""

    name: str
    capabilities: Capabilities
    ids_tell: bool
    """Whether its ids of messages tell whose they are: WhatsApp's hold a phone number."""

    def envelope(self, raw: bytes) -> Envelope:
        """Say who sent an update and what its id is, however little of it can be read.

        Raises:
            UpdateError: There is not even an id.
        """
        ...

    def parse(self, raw: bytes) -> Update:
        """Read one stored update.

        Raises:
            UpdateError: It is not in the channel's form.
        """
        ...

    def synthetic(self, id_: str, words: str) -> bytes:
        """Make an update of the channel's canary, whom no vendor ever names, with an id of its own."""
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """Give the bytes of a file.

        Raises:
            AttachmentError: It cannot be had; `AttachmentTooBig` if over the limit.
        """
        ...

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:
        """Send one reply and give the channel's ids of the messages made, to delete them with.

        Raises:
            SendLater: Certainly not sent.
            SendNever: The reporter cannot be reached.
            SendError: Nobody knows whether it was sent.
        """
        ...

    async def erase(self, address: Address, message_ids: Sequence[str]) -> None:
        """Delete messages of both sides, as far as the channel can; never raises for what is gone already."""
        ...

    async def health(self) -> Health:
        """Ask the vendor whether the channel works; never raises."""
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Listens(Protocol):
    """A channel that is heard by being connected to, not by calls to us."""

    name: str

    async def listen(self, accept: "Accept") -> None:
        """Store what comes until cancelled; never raises."""
        ...


type Accept = Callable[[Channel, Sequence[bytes]], Awaitable[None]]
"""Stores updates of a channel, durably, before it returns; raises UpdateError if one has not even an id."""
