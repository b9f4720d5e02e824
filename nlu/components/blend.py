"""Two readers of one text, and how much to trust each: small networks on its meaning, straight lines on its letters.

The networks, four that began differently, read the sentence vector and carry over to unseen words and languages; the
lines read `nlu.grams` and know what a language's own words say. Both answer every intent and every indicator with log
odds. These are added, each times a weight that is found on texts that neither had seen, so that the sum is calibrated.
"""

import os
from collections import Counter
from typing import Any, Callable, Iterable, Iterator, List, NamedTuple, Sequence, Text, Tuple
from zlib import crc32

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from scipy.optimize import minimize
from scipy.special import log_expit, log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.grams import grams

_BUCKETS = 2**18
_SEEDS = (7, 8, 9, 10)

Grams = Tuple[np.ndarray, np.ndarray]
"""What stands in one text: buckets of grams, and how often each."""


class Texts(NamedTuple):
    """What is read of texts: vectors (texts x 384), and how often each gram stands in each (texts x buckets)."""

    vectors: np.ndarray
    counts: sp.csr_matrix

    def some(self, rows: np.ndarray) -> "Texts":
        """Return only these rows."""
        return Texts(self.vectors[rows], self.counts[rows])


class Readers(NamedTuple):
    """hidden (384 x units), hidden_bias, out (units x labels), out_bias; lines (buckets x labels), lines_bias.

    Labels are the intents, then the indicators.
    """

    hidden: np.ndarray
    hidden_bias: np.ndarray
    out: np.ndarray
    out_bias: np.ndarray
    lines: np.ndarray
    lines_bias: np.ndarray

    def read(self, vectors: np.ndarray, letters: Iterable[Grams]) -> Tuple[np.ndarray, np.ndarray]:
        """Return two opinions (texts x labels): the network's log odds, and the distances from the lines."""
        meaning = np.maximum(vectors @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias
        return meaning, np.stack([self._distances(*one) for one in letters]) + self.lines_bias

    def _distances(self, buckets: np.ndarray, often: np.ndarray) -> np.ndarray:
        """Return what one text's grams say, weighed as in training."""
        weights = _damped(often)
        return weights @ self.lines[buckets] / (np.sqrt(weights @ weights) + 1e-12)


class Trust(NamedTuple):
    """How far to trust each reader.

    intents (2): the weights of both; indicators (3 x indicators): the weights of both and a shift, for each.
    """

    intents: np.ndarray
    indicators: np.ndarray

    def pool(self, meaning: np.ndarray, letters: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Return log probabilities of the intents (texts x intents) and log odds of the indicators."""
        first = meaning.shape[1] - self.indicators.shape[1]
        weights = self.indicators
        odds = weights[0] * meaning[:, first:] + weights[1] * letters[:, first:] + weights[2]
        return _pooled(self.intents, meaning[:, :first], letters[:, :first]), odds


def counted(text: Text) -> Grams:
    """Return the grams of a text: their buckets in order, and how often each stands in it."""
    often = Counter(crc32(gram.encode()) % _BUCKETS for gram in grams(text))
    buckets = sorted(often)
    return np.array(buckets, np.int32), np.array([often[bucket] for bucket in buckets], np.float32)


def stacked(letters: Sequence[Grams]) -> sp.csr_matrix:
    """Return the grams of many texts (texts x buckets)."""
    buckets, often = (np.concatenate(parts) for parts in zip(*letters))
    starts = np.cumsum([0, *(len(one) for one, _ in letters)])
    return sp.csr_matrix((often, buckets, starts), (len(letters), _BUCKETS))


def _apart(counts: sp.csr_matrix) -> Iterator[Grams]:
    """Yield the grams of each text of a matrix."""
    for start, end in zip(counts.indptr[:-1], counts.indptr[1:]):
        yield counts.indices[start:end], counts.data[start:end]


def weighed(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Return counts as weights: the second time says less than the first, and long texts no more than short ones."""
    weights = counts.copy()
    weights.data = _damped(weights.data)
    return normalize(weights, copy=False)


def _damped(often: np.ndarray) -> np.ndarray:
    return 1 + np.log(often)


class Labels(NamedTuple):
    """Zeros and ones: intents (texts x intents) and indicators (texts x indicators)."""

    intents: np.ndarray
    indicators: np.ndarray

    def some(self, rows: np.ndarray) -> "Labels":
        """Return only these rows."""
        return Labels(self.intents[rows], self.indicators[rows])


def fit(texts: Texts, labels: Labels, groups: np.ndarray, units: int, rounds: int) -> Tuple[Readers, Trust]:
    """Train both readers, weigh them on a fifth they had not seen, and train them again on all.

    Texts of one group (a whole number each) are in that fifth together, or not at all.
    """
    judged = (np.random.default_rng(_SEEDS[0]).permutation(groups.max() + 1) % 5 == 0)[groups]
    trial = _readers(texts.some(~judged), labels.some(~judged), units, rounds)
    unseen = texts.some(judged)
    trust = _trust(*trial.read(unseen.vectors, _apart(unseen.counts)), labels.some(judged))
    return _readers(texts, labels, units, rounds), trust


def _readers(texts: Texts, labels: Labels, units: int, rounds: int) -> Readers:
    both = np.hstack(labels)
    networks = _at_once(_network, [(texts.vectors, both, units, rounds, seed) for seed in _SEEDS])
    hidden, hidden_bias, out, out_bias = zip(*networks)
    # networks side by side are one network that answers their mean
    mean = np.concatenate(out) / len(out), np.mean(out_bias, axis=0)
    return Readers(np.hstack(hidden), np.hstack(hidden_bias), *mean, *_lines(texts.counts, labels))


def _network(vectors: np.ndarray, labels: np.ndarray, units: int, rounds: int, seed: int) -> Tuple[np.ndarray, ...]:
    often = {"max_iter": rounds, "n_iter_no_change": rounds}
    model = MLPClassifier((units,), alpha=0.3, batch_size=256, random_state=seed, **often).fit(vectors, labels)
    (hidden, out), (hidden_bias, out_bias) = model.coefs_, model.intercepts_
    return hidden, hidden_bias, out, out_bias


def _at_once(work: Callable[..., Any], jobs: List[Tuple[Any, ...]]) -> List[Any]:
    """Do as many jobs at once as there are cores, one core and one process each.

    In threads liblinear's one source of chance would serve them all, and no training would be like another.
    """
    return Parallel(os.cpu_count(), max_nbytes=None, inner_max_num_threads=1, backend="loky")(
        delayed(work)(*job) for job in jobs
    )


def _lines(counts: sp.csr_matrix, labels: Labels) -> Tuple[np.ndarray, np.ndarray]:
    """Train a line a label; indicators also on messages run together in pairs, as people tell many things at once."""
    intents, indicators = labels
    order = np.random.default_rng(_SEEDS[0]).permutation(len(indicators) // 2 * 2)
    first, second = order[0::2], order[1::2]
    alone = weighed(counts)
    joined = sp.vstack([alone, weighed(counts[first] + counts[second])]).tocsr()
    jobs = [(alone, label) for label in intents.T]
    jobs += [(joined, label) for label in np.vstack([indicators, indicators[first] | indicators[second]]).T]
    weights, bias = zip(*_at_once(_line, jobs))
    return np.stack(weights, 1), np.array(bias, np.float32)


def _line(rows: sp.csr_matrix, label: np.ndarray) -> Tuple[np.ndarray, float]:
    """Return weights (buckets), as the halves that are kept, and the bias."""
    if label.all() or not label.any():
        return np.zeros(_BUCKETS, np.float32), 9.0 if label.all() else -9.0
    model = LinearSVC(C=1.0, tol=0.1, random_state=_SEEDS[0]).fit(rows, label)
    return model.coef_[0].astype(np.float16).astype(np.float32), float(model.intercept_[0])


def _trust(meaning: np.ndarray, letters: np.ndarray, labels: Labels) -> Trust:
    """Find the weights on texts that the readers did not learn from."""
    intents, indicators = labels
    first = intents.shape[1]
    ours = _trust_in_intents(meaning[:, :first], letters[:, :first], intents.argmax(axis=1))
    each = [_trust_in_one(*one) for one in zip(meaning[:, first:].T, letters[:, first:].T, indicators.T)]
    return Trust(ours, np.array(each, np.float32).T)


def _pooled(trust: np.ndarray, meaning: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """Return log probabilities: both opinions added, each times its weight."""
    return log_softmax(trust[0] * log_expit(meaning) + trust[1] * letters, axis=1)


def _trust_in_intents(meaning: np.ndarray, letters: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the two weights that make the right intents likeliest."""

    def surprise(trust: np.ndarray) -> float:
        return -_pooled(trust, meaning, letters)[np.arange(len(classes)), classes].mean()

    return minimize(surprise, np.array([0.5, 1.5]), method="Nelder-Mead").x.astype(np.float32)


def _trust_in_one(meaning: np.ndarray, letters: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return the weights and the shift of one indicator."""
    if not label.any():  # nothing to judge by: never said
        return np.array([0.0, 0.0, -9.0])
    model = LogisticRegression(C=10.0).fit(np.stack([meaning, letters], 1), label)
    return np.array([*model.coef_[0], model.intercept_[0]])
