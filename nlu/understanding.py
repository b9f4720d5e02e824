"""What the NLU server says of one utterance: the client's types, in no server's dialect."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Indicator:
    """A sign that the words state (codes: docs/taxonomy), with how sure the classifier is.

    `confidence` is a calibrated probability in 0..1.
    """

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed stretch of an utterance.

    `value` is the normalised code where there is one ("KH-18" for a place, "VN" for a
    nationality, "12" for a count), else None. The words are private, so repr hides them.
    """

    entity: str
    text: str = field(repr=False)
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """Result of NLU on one utterance.

    Attributes:
        language: BCP 47, "und" if unknown.
        intent: A code of the taxonomy, or None where nobody could tell (NLU down, unsure).
        confidence: Of the intent, 0..1.
        indicators: Those above the threshold.
        entities: In text order.
        province: ISO 3166-2:KH of where the people are, if stated.
        people_count: Of affected people, if stated.
        nationalities: ISO 3166-1 alpha-2 of affected people, as stated.
        ages: Of affected people, in years.
        by_server: False where only the word lists looked.
    """

    language: str = "und"
    intent: str | None = None
    confidence: float = 0.0
    indicators: tuple[Indicator, ...] = ()
    entities: tuple[Entity, ...] = ()
    province: str | None = None
    people_count: int | None = None
    nationalities: tuple[str, ...] = ()
    ages: tuple[int, ...] = ()
    by_server: bool = False
