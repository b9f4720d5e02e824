"""The questions, in order of what helps most. To add one: its slot, its row here, its message in the catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.model.codes import COUNT_BANDS, Role
from bot.model.report import Slot


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: Its catalogue key too.
        slot: What its answer fills.
        choices: Stable ids offered; `skip` is always accepted.
        roles: Whom it is for; empty: everybody.
        in_words: Any words answer it (they are sealed), where no choice could.
    """

    id: str
    slot: Slot
    choices: tuple[str, ...]
    roles: frozenset[Role] = frozenset()
    in_words: bool = False


PROVINCES_OFFERED = ("KH-18", "KH-1", "KH-20", "KH-12", "KH-7", "KH-22", "KH-8", "KH-9", "KH-15", "KH-24")
NATIONALITIES_OFFERED = ("CN", "VN", "TH", "ID", "MM", "MY", "PH", "IN", "BD", "PK", "TW", "KH")
SIGNS_OFFERED = (
    "imminent_danger",
    "physical_or_sexual_violence",
    "restriction_of_movement",
    "medical_need",
    "child_involved",
    "self_harm_risk",
)
MOST_QUESTIONS = 6
"""Field practice: a person has minutes, and one question at a time."""

SAFE = Question("ask_safe", Slot.SAFE_TO_WRITE, ("yes", "no"))
SCRIPT = (
    Question("ask_province", Slot.PROVINCE, (*(f"province:{code}" for code in PROVINCES_OFFERED), "skip")),
    Question("ask_exact_place", Slot.EXACT_PLACE, ("skip",), in_words=True),
    Question("ask_count", Slot.PEOPLE_COUNT, (*(f"count:{band}" for band in COUNT_BANDS), "skip")),
    Question("ask_danger", Slot.INDICATOR, (*SIGNS_OFFERED, "none", "skip")),
    Question("ask_role", Slot.ROLE, (*(f"role:{role}" for role in Role), "skip")),
    Question("ask_nationality", Slot.NATIONALITY, (*(f"nationality:{code}" for code in NATIONALITIES_OFFERED), "skip")),
    Question("ask_identity", Slot.IDENTITY, ("skip",), roles=frozenset({Role.RELATIVE, Role.FRIEND}), in_words=True),
)
QUESTIONS: Mapping[str, Question] = MappingProxyType({question.id: question for question in (SAFE, *SCRIPT)})
SLOT_OF_PREFIX: Mapping[str, Slot] = MappingProxyType(
    {
        "role": Slot.ROLE,
        "province": Slot.PROVINCE,
        "count": Slot.PEOPLE_COUNT,
        "nationality": Slot.NATIONALITY,
    },
)
"""Choices that name their own slot: understood at any time, as an answer or a correction."""
