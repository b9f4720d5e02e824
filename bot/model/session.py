"""The bounded exchange with one reporter on one channel. Holds codes only."""

from dataclasses import dataclass
from uuid import UUID

from bot.model.codes import Handling
from bot.model.report import Report


@dataclass(frozen=True, slots=True)
class Session:
    """The interview as the last turn left it.

    Attributes:
        ticket_id: Random; what the hotline will know this report by.
        channel: Name of the channel.
        language: BCP 47, of the catalogue we answer in; "und" until one is known (then in English).
        language_chosen: The reporter chose it; understanding does not change it any more.
        greeted: The first screen was shown.
        report: All answers so far.
        asked: Ids of the questions asked, in order; none is asked twice.
        pending: Id of the question that waits for its answer.
        puzzled: The pending question's answer was not understood once.
        revision: Of the newest revision filed; 0: none yet.
        confirming: They were asked whether to erase everything.
        finished: The report is complete; what comes now amends.
        handling: What the hotline said of it last; None: nothing yet.
        waits: A message of the hotline waits to be given to the reporter.
        receipt: The reporter was given words that open this report again.
        hidden: The chat plays a harmless assistant until those words are given.
        pressed: Something speaks for a withdrawal under pressure.
        stopped: The reporter asked for silence, and has not written since.
        low_trust: More came from this reporter than a person types: served after the others, marked, never dropped.
        synthetic: A canary's: nothing is said to it, and its ticket goes to the hotline's test intake.
    """

    ticket_id: UUID
    channel: str
    language: str = "und"
    language_chosen: bool = False
    greeted: bool = False
    report: Report = Report()
    asked: tuple[str, ...] = ()
    pending: str | None = None
    puzzled: bool = False
    revision: int = 0
    confirming: bool = False
    finished: bool = False
    handling: Handling | None = None
    waits: bool = False
    receipt: bool = False
    hidden: bool = False
    pressed: bool = False
    stopped: bool = False
    low_trust: bool = False
    synthetic: bool = False
