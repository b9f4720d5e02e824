"""What we say: keys of reviewed sentences and codes, never a reporter's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence or question.

    Attributes:
        key: Of the catalogue.
        values: For its placeholders; codes ("KH-18") or lists of codes joined by a space, put into words when rendered.
        choices: Stable ids offered for tapping.
        question: The question that the choices answer.
        numbered: A typed number stands for a choice; not where any words are an answer.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    question: str | None = None
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice with its label in the reporter's language, at most 20 code points, and a sign that needs no reading."""

    id: str
    label: str
    sign: str = ""

    @property
    def shown(self) -> str:
        """The sign and the label."""
        return f"{self.sign} {self.label}" if self.sign else self.label


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a reporter, rendered.

    Attributes:
        text: What is said.
        choices: Offered for tapping, or by their numbers.
        question: Whose choices these are, so that a late tap is known.
        place_label: The words on a button that sends where the phone is; empty: nobody asks.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    question: str | None = None
    place_label: str = ""
