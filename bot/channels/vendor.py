"""What a vendor's channel must say about itself: pure functions over HTTP as values. A channel is one subclass.

The way in: `proves` the signature, `items` takes a body apart, `read` says what one item is. The way out: `encode`
writes the messages of a plan, `outcome` reads what the vendor answered. `docs/adding-a-channel.md` goes through it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.capabilities import Capabilities
from bot.channels.health import Fault
from bot.channels.items import Item
from bot.channels.plan import Part
from bot.channels.verdicts import refused
from bot.channels.wire import Answer, Call, Request, Response
from bot.errors import AttachmentError
from bot.model.message import Address, Attachment, Update


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question to the vendor about our account, and what its answer says is wrong with the channel, if anything."""

    request: Request
    judge: Callable[[Response], Fault | None]


class Vendor(ABC):
    """One messaging network, for one account of ours; made of its credentials and of our webhook's address.

    Nothing here does I/O. Whatever a vendor sends, no function raises but what it says.
    """

    name: str
    """In variables and addresses."""
    channel: str
    """As tickets have it (`bot.model.codes.CHANNELS`); two vendors may bring the same."""
    capabilities: Capabilities

    def __init__(self, account: Any, webhook_url: str) -> None:  # noqa: ANN401 - each vendor's own account
        """Take our account, and where the vendor calls us; empty: it cannot."""
        self.account, self.webhook_url = account, webhook_url

    # --- The way in ---

    @abstractmethod
    def proves(self, call: Call) -> bool:
        """Tell whether the vendor made this call, by its body as it came, before anything of it is read."""

    def greeting(self, call: Call) -> Answer | None:  # noqa: ARG002 - most vendors have none
        """Answer a call that only asks whether we are here (GET); None: it is refused."""
        return None

    @abstractmethod
    def items(self, call: Call) -> Sequence[Item]:
        """Take a proven call apart: every message, tap and event in it that is a reporter's.

        Raises:
            UpdateError: The body is not in the vendor's form at all.
        """

    def reply(self, call: Call) -> Answer:  # noqa: ARG002 - most vendors want only 200
        """Answer a call whose items are stored."""
        return Answer()

    @abstractmethod
    def read(self, item: Item) -> Update:
        """Say what an item is. What a report cannot hold is `Unsupported`.

        Raises:
            UpdateError: It is not in the vendor's form.
        """

    @abstractmethod
    def synthetic(self, id_: str, words: str) -> Call:
        """Make the call in which the canary writes, whom this vendor never names, proven as the vendor proves its own.

        Args:
            id_: 32 hex digits, new each time.
            words: What it writes.
        """

    # --- The way out ---

    def encode(self, parts: Sequence[Part], address: Address) -> Sequence[Request]:
        """Write the messages of one reply as calls to the vendor, in order."""
        return [self.message(part, address) for part in parts]

    @abstractmethod
    def message(self, part: Part, address: Address) -> Request:
        """Write one message."""

    def outcome(self, response: Response) -> str:
        """Read what the vendor answered to a message; gives its id of the message, empty if it gave none.

        By itself: by the HTTP status alone.

        Raises:
            SendLater: Certainly not sent; may be tried again.
            SendNever: Will never go out.
            SendError: Nobody knows whether it was sent.
        """
        if not response.is_success:
            raise refused(response)
        return ""

    # --- Files, and the account ---

    def file(self, attachment: Attachment) -> Request:  # noqa: ARG002 - a network may have none
        """Write the call that fetches a file, or says where it is."""
        raise AttachmentError("this network has no files")

    def file_behind(self, response: Response) -> Request | None:  # noqa: ARG002 - most vendors give it at once
        """Write the second call, where the first one's answer only says where the file is."""
        return None

    def inquiries(self) -> Sequence[Inquiry]:
        """Give what to ask the vendor about token, webhook and permissions; none: `quietline check` cannot tell."""
        return ()

    def registration(self) -> Sequence[Request]:
        """Give the calls that tell the vendor where our webhook is; none where it is typed into a console."""
        return ()

    def is_registered(self, response: Response) -> bool:
        """Tell whether the vendor has heard such a call."""
        return response.is_success

    def erasing(self, address: Address, message_ids: Sequence[str]) -> Sequence[Request]:  # noqa: ARG002 - most cannot
        """Write the calls that delete messages on the reporter's phone; none where nobody can."""
        return ()
