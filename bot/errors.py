"""Errors that a caller does something about. None carries a reporter's words, an address or a key.

QuietlineError
+-- SettingsError        a setting is missing or cannot be read: the program stops and names it
+-- UpdateError          one update cannot be read: it is parked, answered and counted
+-- AttachmentError      a file cannot be had or is too big: the reporter is told
|   +-- AttachmentTooBig
|   +-- AttachmentLater  not now, perhaps in a moment: asked for again
+-- SendError            a reply did not go out
|   +-- SendLater        certainly not sent; may be tried again after `seconds`
|   +-- SendNever        will never go out (blocked, chat gone): dropped
|   +-- TokenSpent       certainly not sent: what answers this one message has died; send without it
+-- DeliveryError        a hotline did not accept
|   +-- DeliveryLater    try again, after `seconds` if the hotline said so
|   +-- DeliveryRefused  a person has to look
|   +-- ClocksApart      not counted as a try: ask again soon, until the clocks agree
+-- SessionMoved         another turn changed the session meanwhile: take the turn again
"""


class QuietlineError(Exception):
    """Root of all our errors."""


class SettingsError(QuietlineError):
    """A setting is missing or malformed; the message names the variable, never its value."""


class UpdateError(QuietlineError):
    """One update is not in the channel's form."""


class AttachmentError(QuietlineError):
    """A file that a reporter sent cannot be had."""


class AttachmentLater(AttachmentError):
    """The file may be had in a moment."""


class AttachmentTooBig(AttachmentError):
    """The file is over the limit of the channel or of ours."""


class SendError(QuietlineError):
    """A reply did not go out, or not whole; `shown` has the channel's ids of the parts that did."""

    shown: tuple[str, ...] = ()


class SendLater(SendError):
    """Certainly not sent; `seconds` is how long the channel asks us to wait, if it says so."""

    def __init__(self, seconds: float | None = None) -> None:
        """Keep the channel's own wish in seconds."""
        super().__init__("try again later")
        self.seconds = seconds


class SendNever(SendError):
    """The channel says that this reporter cannot be reached."""


class TokenSpent(SendError):
    """What the channel answers one message with is used up or too old; it can be sent without."""


class DeliveryError(QuietlineError):
    """A hotline did not accept a delivery."""


class DeliveryLater(DeliveryError):
    """Not accepted this time; `seconds` is the hotline's `Retry-After`, if any."""

    def __init__(self, seconds: float | None = None) -> None:
        """Keep the hotline's own wish in seconds."""
        super().__init__("not accepted this time")
        self.seconds = seconds


class ClocksApart(DeliveryError):
    """Refused, and the hotline's clock is not ours: a signature made at the wrong time says nothing of the delivery."""


class DeliveryRefused(DeliveryError):
    """Refused for good: parked, for a person to look at."""

    def __init__(self, status: int) -> None:
        """Keep the HTTP status."""
        super().__init__(f"refused with HTTP {status}")
        self.status = status


class NotNow(QuietlineError):
    """Somebody else is at it, or nothing can be done of it yet: look again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        """Take the seconds."""
        super().__init__()
        self.seconds = seconds


class SessionMoved(QuietlineError):
    """The session is not as this turn read it."""
