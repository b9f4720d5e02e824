"""What a reporter sent, in no channel's dialect."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.model.codes import PartKind
from bot.model.private import Private


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reporter is reached: the channel's name and their id on it.

    `answers` is what this channel answers one message with, for a minute perhaps (LINE's reply token).
    """

    channel: str
    user: Private
    answers: Private | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Typed words. `edited`: they replace an earlier message of theirs; both are kept."""

    words: Private
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A tapped choice: its stable id, and the question it was offered with, if the channel says so."""

    choice: str
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A position in degrees as sent, perhaps off the globe; accuracy in metres; what the app calls the place."""

    lat: float = field(repr=False)
    lon: float = field(repr=False)
    accuracy_m: float | None = None
    label: Private | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `handle` is how the channel fetches it; size in bytes if the channel says so."""

    kind: PartKind
    handle: Private
    name: Private
    media_type: str
    size: int | None = None
    caption: Private | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A part that the reporter's own page sealed for the hotline.

    Attributes:
        kind: What it holds; the page says so.
        content: An age file that we cannot open.
        dangers: Indicators that may not wait, found in the words by the page before it sealed them.
    """

    kind: PartKind
    content: bytes = field(repr=False)
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Somebody's card, as lines of text."""

    card: Private


@dataclass(frozen=True, slots=True)
class Start:
    """The chat was opened; nothing was said yet."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A sticker, a game, a poll: nothing that a report can hold."""


@dataclass(frozen=True, slots=True)
class Left:
    """The reporter blocked or left us: nothing may be sent, nothing is lost."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """The reporter took a message back: a guard may be near, so nothing is said."""


type Message = Text | Chosen | Pin | Attachment | Sealed | ContactCard | Start | Unsupported | Left | Unsent


@dataclass(frozen=True, slots=True)
class Update:
    """One thing as the channel delivered it.

    Attributes:
        dedupe: The channel's own id of it; the same id again is the same update.
        address: Who sent it.
        message: What it says.
        language: What the reporter's app is set to, BCP 47; a hint and no more.
        message_id: The channel's id of the reporter's message, to delete it with; None if it has none.
        sent_at: When the channel says it was sent; None if it does not say.
    """

    dedupe: str
    address: Address
    message: Message
    language: str | None = None
    message_id: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What must be known of an update before it is read: its id, and who sent it (empty: nobody can tell)."""

    dedupe: str
    user: Private
