"""A report: all answers of a session so far, as codes; the words themselves are sealed apart."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.model.codes import Basis, PartKind


class Slot(StrEnum):
    """Typed place for one fact. Each has a rule in `bot.privacy.rules`; the type checker insists."""

    ROLE = "role"
    COUNTRY = "country"
    PROVINCE = "province"
    PEOPLE_COUNT = "people_count"
    NATIONALITY = "nationality"
    MINOR = "minor"
    INDICATOR = "indicator"
    EXACT_PLACE = "exact_place"
    IDENTITY = "identity"
    LAST_CONTACT = "last_contact"
    SEEN = "seen"
    PHOTO = "photo"
    WHEN_MOVED = "when_moved"
    CONTACT = "contact"
    RESTRICTION = "restriction"
    SAFE_TO_WRITE = "safe_to_write"


LISTS = frozenset({Slot.NATIONALITY, Slot.INDICATOR, Slot.RESTRICTION})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reporter gave for a slot: a code, and whether it was chosen, stated or pinned."""

    slot: Slot
    value: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Report:
    """All answers so far, and how many sealed parts of each kind there are."""

    answers: tuple[Answer, ...] = ()
    evidence: tuple[PartKind, ...] = ()
    moved: bool = False

    def get(self, slot: Slot) -> Answer | None:
        """Give the answer for a slot that holds one."""
        return next((answer for answer in self.answers if answer.slot is slot), None)

    def value(self, slot: Slot) -> str | None:
        """Give the code in a slot that holds one."""
        answer = self.get(slot)
        return answer.value if answer else None

    def all(self, slot: Slot) -> tuple[Answer, ...]:
        """Give every answer of a slot that holds a list."""
        return tuple(answer for answer in self.answers if answer.slot is slot)

    def keep(self, answer: Answer) -> "Report":
        """Take an answer: chosen beats stated, stated beats a pin, the later beats the earlier of its kind."""
        if answer.slot in LISTS:
            return self._add(answer)
        held = self.get(answer.slot)
        if held and _STRENGTH[held.basis] > _STRENGTH[answer.basis]:
            return self
        return self.drop(answer.slot).with_answer(answer)

    def drop(self, slot: Slot) -> "Report":
        """Forget a slot."""
        return replace(self, answers=tuple(answer for answer in self.answers if answer.slot is not slot))

    def holding(self, kinds: Iterable[PartKind]) -> "Report":
        """Count the sealed parts made in this turn."""
        return replace(self, evidence=self.evidence + tuple(kinds))

    def _add(self, answer: Answer) -> "Report":
        held = next((a for a in self.all(answer.slot) if a.value == answer.value), None)
        if held and _STRENGTH[held.basis] >= _STRENGTH[answer.basis]:
            return self
        return replace(self, answers=tuple(a for a in self.answers if a is not held)).with_answer(answer)

    def with_answer(self, answer: Answer) -> "Report":
        """Put an answer behind those there are."""
        return replace(self, answers=(*self.answers, answer))


_STRENGTH = {Basis.PIN: 0, Basis.STATED: 1, Basis.ANSWERED: 2}
