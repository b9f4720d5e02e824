"""One message as the interview hears it: with what understanding and the word lists made of it."""

from dataclasses import dataclass

from bot.model.message import Message
from nlu.understanding import Understanding

CONFIDENT = 0.5
"""Below it an intent is not acted on, and what was said counts as details (calibrated probability)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in.

    Attributes:
        message: What the reporter sent.
        understanding: Of its words; empty where there are none.
        command: The one thing a whole short message says: yes, no, skip, dont_know, stop, erase, done, hello, language,
            receipt, hide.
        choices: Ids that typed words or numbers stand for, resolved against the pending question and the labels.
        pinned: Country and province of a pin; None if it is off the globe.
        lost: The catalogue key that says why an attachment could not be kept; None: it was.
        cut: The words were longer than understanding reads.
        blank: A text without a single letter, digit or symbol.
        hint: The language that the reporter's app is set to, if we speak it.
        retracts: The words say that all is well, or take back what was said.
        after_silence: The reporter had been quiet for longer than an unfinished report waits.
        erased: The message that says truthfully what an erasure leaves on the reporter's phone.
    """

    message: Message
    understanding: Understanding = Understanding()
    command: str | None = None
    choices: tuple[str, ...] = ()
    pinned: tuple[str | None, str | None] | None = None
    lost: str | None = None
    cut: bool = False
    blank: bool = False
    hint: str | None = None
    retracts: bool = False
    after_silence: bool = False
    erased: str = "erased"

    @property
    def intent(self) -> str | None:
        """The intent, if anybody is sure of it."""
        said = self.understanding
        return said.intent if said.intent and said.confidence >= CONFIDENT else None

    @property
    def states_facts(self) -> bool:
        """Whether the words state anything that a ticket can say."""
        said = self.understanding
        found = (said.province, said.people_count, said.nationalities, said.ages, said.indicators)
        return any(value for value in found)
