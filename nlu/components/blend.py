"""Two readers of one text, and how much to trust each: a small network on its meaning, straight lines on its letters.

The network reads the sentence vector and carries over to unseen words and languages; the lines read `nlu.grams` and
know what a language's own words say. Their log odds are added, each times a weight that is found on texts that
neither had seen, so that the sum is calibrated.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Sequence, Text, Tuple

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.grams import grams

_BUCKETS = 2**18
_SEED = 7
_hasher = HashingVectorizer(analyzer=grams, n_features=_BUCKETS, alternate_sign=False, norm=None)


class Network(NamedTuple):
    """One hidden layer: hidden (384 x units), hidden_bias, out (units x labels), out_bias."""

    hidden: np.ndarray
    hidden_bias: np.ndarray
    out: np.ndarray
    out_bias: np.ndarray

    def read(self, vectors: np.ndarray) -> np.ndarray:
        """Return log odds (texts x labels)."""
        return np.maximum(vectors @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias


class Lines(NamedTuple):
    """One straight line a label over the grams that were seen twice: columns, weights (columns x labels), bias."""

    columns: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def read(self, letters: sp.csr_matrix) -> np.ndarray:
        """Return distances from the lines (texts x labels)."""
        return letters[:, self.columns] @ self.weights + self.bias


def counted(texts: Sequence[Text]) -> sp.csr_matrix:
    """Return how often each gram stands in each text (texts x buckets)."""
    return _hasher.transform(texts).astype(np.float32)


def weighed(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return counts as weights: the second time says less than the first, and long texts no more than short ones."""
    weights = counts.copy()
    weights.data = 1 + np.log(weights.data)
    return normalize(weights)


def fit_network(vectors: np.ndarray, labels: np.ndarray, units: int, rounds: int) -> Network:
    """Train on vectors (texts x 384) and labels: a class each, or zeros and ones (texts x labels)."""
    model = MLPClassifier((units,), alpha=0.1, learning_rate_init=1e-3, max_iter=rounds, n_iter_no_change=rounds, random_state=_SEED)
    model.fit(vectors, labels)
    (hidden, out), (hidden_bias, out_bias) = model.coefs_, model.intercepts_
    return Network(*(part.astype(np.float32) for part in (hidden, hidden_bias, out, out_bias)))


def fit_lines(letters: sp.csr_matrix, labels: np.ndarray) -> Lines:
    """Train one line a column of `labels` (texts x labels, zeros and ones)."""
    columns = np.flatnonzero(np.bincount(letters.indices, minlength=_BUCKETS) > 1)
    rows = letters[:, columns]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # liblinear lets other threads work
        models = list(pool.map(lambda label: _line(rows, label), labels.T))
    weights = np.stack([weights for weights, _ in models], 1).astype(np.float16).astype(np.float32)  # as it is kept
    return Lines(columns, weights, np.array([bias for _, bias in models], np.float32))


def _line(rows: sp.csr_matrix, label: np.ndarray) -> Tuple[np.ndarray, float]:
    if label.all() or not label.any():
        return np.zeros(rows.shape[1]), 9.0 if label.all() else -9.0
    model = LinearSVC(C=1.0, random_state=_SEED).fit(rows, label)
    return model.coef_[0], float(model.intercept_[0])


def held_out(texts: int) -> Tuple[np.ndarray, np.ndarray]:
    """Return which texts to learn from and which, every fifth, to be judged on."""
    judged = np.random.default_rng(_SEED).permutation(texts) % 5 == 0
    return np.flatnonzero(~judged), np.flatnonzero(judged)


def pack(**parts: Any) -> dict:
    """Return arrays by flat names, for one .npz file; weights as halves, which they were rounded to."""
    return {
        f"{name}_{field}": value.astype(np.float16) if field == "weights" else value
        for name, part in parts.items()
        for field, value in part._asdict().items()
    }


def unpack(arrays: Any, name: Text, kind: Any) -> Any:
    """Return the part that `pack` wrote under `name`; halves are widened here, once."""
    return kind(*(_wide(arrays[f"{name}_{field}"]) for field in kind._fields))


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == np.float16 else array
