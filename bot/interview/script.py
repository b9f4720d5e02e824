"""The questions, and in which order whom they are put to: what helps most first.

To add one: its slot, its row here, its place in a path, its message in the catalogues.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.model.codes import COUNT_BANDS, DANGER, KEPT_FROM, Role, Window
from bot.model.report import Slot


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: Its catalogue key too.
        slot: What its answer fills.
        choices: Stable ids offered; `skip` is always accepted.
        in_words: Any words answer it (they are sealed), where no choice could.
    """

    id: str
    slot: Slot
    choices: tuple[str, ...]
    in_words: bool = False

    @property
    def is_numbered(self) -> bool:
        """Whether a typed number is a place in the list; where people are counted it is people."""
        return not self.in_words and self.slot is not Slot.PEOPLE_COUNT


PROVINCES_OFFERED = ("KH-18", "KH-1", "KH-20", "KH-12", "KH-7", "KH-22", "KH-8", "KH-9", "KH-15", "KH-24")
NATIONALITIES_OFFERED = ("CN", "VN", "TH", "ID", "MM", "MY", "PH", "IN", "BD", "PK", "TW", "KH")
SIGNS_OFFERED = (
    "physical_or_sexual_violence",
    "restriction_of_movement",
    "medical_need",
    "child_involved",
    "self_harm_risk",
)
MOST_QUESTIONS = 6
"""Field practice: a person has minutes, and one question at a time."""

SAFE = Question("ask_safe", Slot.SAFE_TO_WRITE, ("yes", "no", DANGER))
_ROWS = (
    SAFE,
    Question("ask_province", Slot.PROVINCE, (*(f"province:{code}" for code in PROVINCES_OFFERED), "skip", DANGER)),
    Question("ask_exact_place", Slot.EXACT_PLACE, ("skip", DANGER), in_words=True),
    Question("ask_last_place", Slot.EXACT_PLACE, ("skip", DANGER), in_words=True),
    Question("ask_count", Slot.PEOPLE_COUNT, (*(f"count:{band}" for band in COUNT_BANDS), "skip", DANGER)),
    Question("ask_danger", Slot.INDICATOR, (*SIGNS_OFFERED, "none", "skip", DANGER)),
    Question("ask_role", Slot.ROLE, (*(f"role:{role}" for role in Role), "skip", DANGER)),
    Question("ask_identity", Slot.IDENTITY, ("skip", DANGER), in_words=True),
    Question("ask_last_contact", Slot.LAST_CONTACT, ("skip", DANGER), in_words=True),
    Question("ask_seen", Slot.SEEN, ("skip", DANGER), in_words=True),
    Question("ask_contact", Slot.CONTACT, (*(f"contact:{window}" for window in Window), "skip", DANGER)),
    Question("ask_when_moved", Slot.WHEN_MOVED, ("yes", "no", "skip", DANGER)),
    Question("ask_restrict", Slot.RESTRICTION, (*(f"restrict:{who}" for who in KEPT_FROM), "none", "skip", DANGER)),
    Question("ask_photo", Slot.PHOTO, ("skip", DANGER), in_words=True),
    Question("ask_photo_person", Slot.PHOTO, ("skip", DANGER), in_words=True),
    Question(
        "ask_nationality",
        Slot.NATIONALITY,
        (*(f"nationality:{code}" for code in NATIONALITIES_OFFERED), "skip", DANGER),
    ),
)
QUESTIONS: Mapping[str, Question] = MappingProxyType({question.id: question for question in _ROWS})


@dataclass(frozen=True, slots=True)
class Path:
    """Ids of questions, in order: those that make a report complete, and those worth asking of who has more time."""

    first: tuple[str, ...]
    then: tuple[str, ...]


_HOME = Path(
    ("ask_province", "ask_last_place", "ask_identity", "ask_last_contact"),
    ("ask_contact", "ask_photo_person", "ask_danger", "ask_restrict", "ask_nationality"),
)
_INSIDE = ("ask_contact", "ask_when_moved", "ask_restrict", "ask_photo", "ask_nationality")
PATHS: Mapping[Role | None, Path] = MappingProxyType(
    {
        None: Path(("ask_province", "ask_exact_place", "ask_role", "ask_count", "ask_danger"), _INSIDE),
        Role.AFFECTED: Path(("ask_province", "ask_exact_place", "ask_count", "ask_danger"), _INSIDE),
        Role.RELATIVE: _HOME,
        Role.FRIEND: _HOME,
        Role.WITNESS: Path(
            ("ask_province", "ask_exact_place", "ask_count", "ask_seen"),
            ("ask_danger", "ask_photo", "ask_contact", "ask_restrict", "ask_nationality"),
        ),
    },
)
"""By what the reporter is to the affected person; None: not known yet."""

SLOT_OF_PREFIX: Mapping[str, Slot] = MappingProxyType(
    {
        "role": Slot.ROLE,
        "province": Slot.PROVINCE,
        "count": Slot.PEOPLE_COUNT,
        "nationality": Slot.NATIONALITY,
        "contact": Slot.CONTACT,
        "restrict": Slot.RESTRICTION,
    },
)
"""Choices that name their own slot: understood at any time, as an answer or a correction."""
