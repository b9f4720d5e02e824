"""The training utterances' sentence vectors, kept beside them: nlu/data/<language>/vectors.npz.

Reading 25 languages takes the sentence model minutes; only what is new is read again. A vector is kept as 384 whole
numbers in -127..127 and one factor, and is rounded so whether it comes from a file or from the model: both train the
same. A file names the layers that read it: what others read is not used. tests/nlu/test_vectors.py compares the files
with the model.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np

from nlu.e5.student import FILE

_FILE: Final = "vectors.npz"
_LARGEST: Final = 127

Vectors = dict[str, np.ndarray]
"""A text as the encoder spells it, and its 384 numbers."""


def rounded(vector: np.ndarray) -> np.ndarray:
    """Return the vector as it would come back from a file."""
    return _whole(*_parts(vector))


def load(folder: Path, texts: Iterable[str]) -> Vectors:
    """Return the kept vectors of these texts of one language; nothing for a text that is new to these layers."""
    if not (folder / _FILE).exists():
        return {}
    with np.load(folder / _FILE) as arrays:
        if arrays.get("layers") != _layers():
            return {}
        keys, numbers, factors = arrays["keys"], arrays["numbers"], arrays["factors"]
    row_of = {int(key): row for row, key in enumerate(keys)}
    rows = {text: row_of[_key(text)] for text in texts if _key(text) in row_of}
    return {text: _whole(numbers[row], factors[row]) for text, row in rows.items()}


def save(folder: Path, vectors: Mapping[str, np.ndarray]) -> None:
    """Write one language's vectors, in an order that does not depend on the utterances'."""
    kept = sorted(((_key(text), vector) for text, vector in vectors.items()), key=itemgetter(0))
    parts = [_parts(vector) for _, vector in kept]
    np.savez_compressed(
        folder / _FILE,
        layers=_layers(),
        keys=np.array([key for key, _ in kept], np.uint64),
        numbers=np.array([numbers for numbers, _ in parts], np.int8),
        factors=np.array([factor for _, factor in parts], np.float32),
    )


@cache
def _layers() -> str:
    """Return a name of the layers that read."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:16]


def _parts(vector: np.ndarray) -> tuple[np.ndarray, np.float32]:
    factor = np.float32(np.abs(vector).max() / _LARGEST or 1.0)
    return np.rint(vector / factor).astype(np.int8), factor


def _whole(numbers: np.ndarray, factor: np.float32) -> np.ndarray:
    return numbers.astype(np.float32) * factor


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
