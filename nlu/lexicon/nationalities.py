"""Which of the nationalities in a text are those of the affected people."""

from collections.abc import Sequence

from nlu.lexicon.matcher import Hit
from nlu.lexicon.nearby import after, cue_before
from nlu.normal import Normal


def nationalities_in(normal: Normal, peoples: Sequence[Hit[str]], cues: Sequence[Hit[str]]) -> list[Hit[str]]:
    """Return the nationalities that are not a boss's, and the countries that are not just a place."""
    return [hit for hit in peoples if not _is_other(normal, hit, cues)]


def _is_other(normal: Normal, hit: Hit[str], cues: Sequence[Hit[str]]) -> bool:
    right = after(normal, cues, hit.end)
    return cue_before(normal, cues, hit.start) in ("within", "others", "not") or bool(right and right.value == "others")
