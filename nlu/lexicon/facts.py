"""What the words of one text state, found by word lists alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nlu.lexicon.counts import Quantity, ages_in, counts_in, quantities
from nlu.lexicon.dangers import dangers_in
from nlu.lexicon.nationalities import nationalities_in
from nlu.lexicon.places import present_province
from nlu.lexicon.words import Lexicon
from nlu.normal import Normal, normalise
from nlu.understanding import Entity

MAX_CHARS: Final = 4_000
"""A longer text is looked at so far: a person does not type more at once, and time stays bounded."""

_ADULT: Final = 18
_SHORT_CHARS: Final = 24
"""So long is "maybe about twenty-five or so" in most languages; a longer text tells more than a number."""


@dataclass(frozen=True, slots=True)
class Span:
    """An entity and where it stands in the original text."""

    start: int
    end: int
    entity: Entity


@dataclass(frozen=True, slots=True)
class Facts:
    """What the words state; the attributes as in `Understanding`."""

    province: str | None = None
    people_count: int | None = None
    nationalities: tuple[str, ...] = ()
    ages: tuple[int, ...] = ()
    indicators: tuple[str, ...] = ()
    spans: tuple[Span, ...] = field(default=(), repr=False)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities, in text order."""
        return tuple(span.entity for span in self.spans)


def facts(text: str, lexicon: Lexicon) -> Facts:
    """Find what the first 4,000 characters of `text` state. Never fails, whatever the text."""
    original = text[:MAX_CHARS]
    normal = normalise(original)
    cues = lexicon.cues.find(normal)
    places = lexicon.places.find(normal)
    peoples = lexicon.nationalities.find(normal)
    numbers = quantities(normal, lexicon)
    ages = ages_in(normal, numbers, lexicon)
    counts = counts_in(normal, [n for n in numbers if n not in ages], cues, peoples, lexicon)
    return Facts(
        province=present_province(normal, places, cues),
        people_count=counts[0].value if counts else _alone(normal, lexicon),
        nationalities=_unique(hit.value for hit in nationalities_in(normal, peoples, cues)),
        ages=_unique(age.value for age in ages),
        indicators=_indicators(normal, ages, lexicon),
        spans=_spans(
            original,
            normal,
            [
                *((hit.start, hit.end, "place", hit.value) for hit in places),
                *((hit.start, hit.end, "nationality", hit.value) for hit in peoples),
                *((number.start, number.end, "people_count", str(number.value)) for number in counts),
                *((number.start, number.end, "age", str(number.value)) for number in ages),
            ],
        ),
    )


def indicators_of(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return only the indicators that the words state: danger phrases, and an age under 18."""
    normal = normalise(text[:MAX_CHARS])
    return _indicators(normal, ages_in(normal, quantities(normal, lexicon), lexicon), lexicon)


def only_number(text: str, lexicon: Lexicon) -> int | None:
    """Return the one number of a short text, in digits or words ("about thirty"); None if there is none, or several."""
    if len(text) > _SHORT_CHARS:
        return None
    found = quantities(normalise(text), lexicon)
    return found[0].value if len(found) == 1 else None


def _indicators(normal: Normal, ages: Iterable[Quantity], lexicon: Lexicon) -> tuple[str, ...]:
    minors = ("child_involved",) if any(age.value < _ADULT for age in ages) else ()
    return _unique((*dangers_in(normal, lexicon), *minors))


def _alone(normal: Normal, lexicon: Lexicon) -> int | None:
    return 1 if lexicon.alone.find(normal) else None


def _spans(original: str, normal: Normal, found: Iterable[tuple[int, int, str, str]]) -> tuple[Span, ...]:
    """Return the entities in text order, each with its place in the original text."""
    spans: list[Span] = []
    for start, end, entity, value in sorted(found):
        first, last = normal.origin(start, end)
        if not spans or spans[-1].end <= first:
            spans.append(Span(first, last, Entity(entity, original[first:last], value)))
    return tuple(spans)


def _unique(values: Iterable[object]) -> tuple:  # type: ignore[type-arg]
    return tuple(dict.fromkeys(values))
