"""A sealed part: an age file that only the hotline can open."""

from dataclasses import dataclass, field
from uuid import UUID

from bot.model.codes import ATTACHMENTS, PartKind


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One message's words, pin, card or file. `sha256` is of the age file, in hex."""

    part_id: UUID
    kind: PartKind
    sha256: str
    content: bytes = field(repr=False)

    @property
    def travels_alone(self) -> bool:
        """Whether its content goes in a `part.sealed` event of its own."""
        return self.kind in ATTACHMENTS
