"""What follows from one message."""

from dataclasses import dataclass, field

from bot.model.codes import Status
from bot.model.reply import Say
from bot.model.session import Session


@dataclass(frozen=True, slots=True)
class Outcome:
    """The new session and what to do.

    Attributes:
        session: As this turn leaves it.
        say: What to say, in order; one message to the reporter.
        file: The status of the revision to file now; None: nothing to file.
        erase: Everything held of this reporter is destroyed.
        leaves: The reporter stops here: what there is is filed now.
        receipt: New words that open this report again are made and told.
        hides: The messages so far are deleted where the channel can; what is held stays.
    """

    session: Session
    say: tuple[Say, ...] = field(default=())
    file: Status | None = None
    erase: bool = False
    leaves: bool = False
    receipt: bool = False
    hides: bool = False
