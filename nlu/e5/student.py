"""The layers that read: four that learnt to answer as the twelve of multilingual-e5-small do (nlu/distil).

layers.npz holds them. A matrix (inputs x outputs) is kept as whole numbers in -63..63 and one factor an output: seven
bits, because processors without VNNI add two products in sixteen bits, and more would overflow there and not elsewhere.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

FILE: Final = Path(__file__).with_name("layers.npz")
LARGEST: Final = 63
HEADS: Final = 12
PARTS: Final = ("q", "k", "v", "ao", "fi", "fo")
"""Matrices of a layer: queries, keys, values, what was seen, in and out of the wide middle."""
NORMS: Final = ("aln", "oln")

Arrays = Mapping[str, np.ndarray]
"""Of layer 0: `l0.q.w` (whole numbers), `l0.q.s` (factors), `l0.q.b` (added) and so on, `l0.aln.w`, `l0.aln.b`."""


def load(file: Path = FILE) -> Arrays:
    """Return all arrays."""
    with np.load(file) as arrays:
        return dict(arrays)


def layers(arrays: Arrays) -> int:
    """Return how many layers there are."""
    return sum(name.endswith(".fo.w") for name in arrays)


def whole(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix (outputs x inputs) as whole numbers (inputs x outputs) and factors."""
    factors = np.abs(matrix).max(axis=1) / LARGEST + 1e-12
    return np.rint(matrix / factors[:, None]).astype(np.int8).T, factors.astype(np.float32)
