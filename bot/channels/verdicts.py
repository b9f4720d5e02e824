"""What a vendor's refusal of a message means, by tables: once for HTTP, and one for each vendor's own codes."""

from collections.abc import Mapping
from enum import Enum

from bot.channels.wire import Response
from bot.errors import SendError, SendLater, SendNever, TokenSpent

_TROUBLE_SECONDS = 60.0
"""Until an operator has mended a token or a right, nothing goes out: no need to ask every two seconds."""


_SLOWER_SECONDS = 6.0
"""WhatsApp takes one message in six seconds for one reporter; nobody asks for more."""


class Verdict(Enum):
    """What became of a message that was refused."""

    LATER = "not sent; soon again"
    SLOWER = "not sent; we are too quick for this reporter or the vendor"
    TROUBLE = "not sent; a person has to mend our account"
    NEVER = "will never go out: blocked, gone, out of the window, or not a message that the vendor takes"
    UNSURE = "nobody knows"
    SPENT = "not sent; what answers this one message has died"


_OF_HTTP: Mapping[int, Verdict] = {
    401: Verdict.TROUBLE,
    403: Verdict.TROUBLE,
    408: Verdict.UNSURE,
    425: Verdict.LATER,
    429: Verdict.SLOWER,
    503: Verdict.LATER,
}


def refused(response: Response, code: int | None = None, table: Mapping[int, Verdict] | None = None) -> SendError:
    """Give what a refusal means, to be raised.

    Args:
        response: What the vendor answered.
        code: The vendor's own code in it, if any.
        table: What the vendor's codes mean; others count by their HTTP status.
    """
    known = (table or {}).get(code) if code is not None else None
    match known or _of_http(response.status):
        case Verdict.LATER:
            return SendLater(response.retry_after)
        case Verdict.SLOWER:
            return SendLater(response.retry_after or _SLOWER_SECONDS)
        case Verdict.TROUBLE:
            return SendLater(response.retry_after or _TROUBLE_SECONDS)
        case Verdict.NEVER:
            return SendNever("the vendor will not deliver it")
        case Verdict.SPENT:
            return TokenSpent("what answers this message has died")
        case Verdict.UNSURE:
            return SendError("nobody knows whether it was sent")


def _of_http(status: int) -> Verdict:
    if status in _OF_HTTP:
        return _OF_HTTP[status]
    return Verdict.NEVER if 400 <= status < 500 else Verdict.UNSURE
