"""How a channel is at its vendor, in codes that an operator can act on."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why a channel that looks alive brings nothing. The value says what to do."""

    UNREACHABLE = "the vendor does not answer: look at the network of this machine"
    TOKEN_REVOKED = "the token is not valid any more: make a new one at the vendor, and set it"  # noqa: S105 - says what to do
    NO_PERMISSION = "the token may not do what is needed: give it the permissions that docs/channels names"
    NO_SUCH_ACCOUNT = "the vendor knows no such account or number: look at the ids in the settings"
    NOT_SUBSCRIBED = "the vendor sends us no messages: subscribe the webhook to them"
    NOT_LISTENING = "nothing is connected that could receive: look at the program in between"
    WEBHOOK_ELSEWHERE = "updates go to another address: another program uses this token"
    PILING_UP = "updates wait at the vendor: they do not reach us"
    VENDOR_ERRORS = "the vendor's calls to us fail: look at the web server in front, its certificate and its name"


MANY = 100
"""Updates that wait at the vendor, and should have been fetched or pushed within seconds."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found, and how many updates wait at the vendor."""

    fault: Fault | None = None
    pending: int = 0
