"""Which of the places in a text is where the people are."""

from collections.abc import Sequence
from typing import Final

from nlu.lexicon.matcher import Hit
from nlu.lexicon.nearby import clause_start, cue_before
from nlu.normal import Normal

_RANK: Final = {"present": 3, "plain": 2, "near": 1}
"""Where the people may be; what is not here (origin, denied, future) never is."""


def present_province(normal: Normal, places: Sequence[Hit[str]], cues: Sequence[Hit[str]]) -> str | None:
    """Return the province where the people are, if the words state one.

    "From Poipet, now in Bavet" is Bavet; "not Bavet, Poipet" is Poipet; "will send us to Koh Kong"
    is none. Of several that are equally likely the last counts: stories go forward in time.
    """
    best, best_rank = None, 0
    for index, place in enumerate(places):
        floor = places[index - 1].end if index else 0
        rank = _RANK.get(_standing(normal, place, cues, floor), 0)
        if rank and rank >= best_rank:
            best, best_rank = place.value, rank
    return best


def _standing(normal: Normal, place: Hit[str], cues: Sequence[Hit[str]], floor: int) -> str:
    """Return the cue that governs `place`, "plain" if none does.

    `floor` is where the place before ends: its cues are not ours, a future one excepted.
    """
    clause = clause_start(normal, place.start)
    ours = [cue for cue in cues if max(clause, floor) <= cue.start and cue.end <= place.start]
    beside = cue_before(normal, ours, place.start)
    if beside in ("not", "origin", "near", "present"):
        return beside
    in_clause = [cue.value for cue in cues if clause <= cue.start and cue.end <= place.start]
    return "future" if "future" in in_clause else "plain"
