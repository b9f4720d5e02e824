"""Which indicators the words state: one yes-or-no question each, asked of the whole message and of every clause."""

from typing import Any, Dict, List, NamedTuple, Optional, Text, Tuple

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve

from nlu.components.blend import Lines, Network, counted, fit_lines, fit_network, held_out, pack, unpack, weighed
from nlu.components.e5_featurizer import VECTORS, parts, sentences
from nlu.taxonomy import INDICATORS

_FILE = "indicators.npz"
_SEED = 7


class Model(NamedTuple):
    """The two readers; the weights of each and a shift (3 x indicators): log odds; the probability to say it from."""

    network: Network
    lines: Lines
    trust: np.ndarray
    threshold: np.ndarray

    def read(self, vectors: np.ndarray, letters: sp.csr_matrix) -> np.ndarray:
        """Return log odds (texts x indicators)."""
        return self.trust[0] * self.network.read(vectors) + self.trust[1] * self.lines.read(letters) + self.trust[2]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IndicatorClassifier(GraphComponent):
    """Learns from `metadata: {indicators: [...]}` of the examples; answers `indicators: [{code, confidence}]`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"units": 256, "rounds": 15}

    def __init__(
        self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model: Optional[Model] = None
    ) -> None:
        self._config, self._storage, self._resource, self._model = config, storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "IndicatorClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IndicatorClassifier":
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            readers = (unpack(arrays, "network", Network), unpack(arrays, "lines", Lines))
            return cls(config, model_storage, resource, Model(*readers, arrays["trust"], arrays["threshold"]))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.training_examples if message.get(TEXT)]
        labels = np.array([_labels(message) for message in examples])
        counts = counted([message.get(TEXT) for message in examples])
        model = self._model = fit(sentences(examples), counts, labels, self._config)
        with self._storage.write_to(self._resource) as folder:
            readers = pack(network=model.network, lines=model.lines)
            np.savez_compressed(folder / _FILE, trust=model.trust, threshold=model.threshold, **readers)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            rows = message.get(VECTORS)
            message.set("indicators", [] if rows is None else self._stated(message, rows), add_to_output=True)
        return messages

    def _stated(self, message: Message, rows: np.ndarray) -> List[Dict[Text, Any]]:
        """Return the indicators above their thresholds, the surest first."""
        odds = self._model.read(rows, weighed(counted(parts(message.get(TEXT)))))
        sure = expit((odds[0] + odds.max(axis=0)) / 2)  # the whole, and the part that says it most
        found = [(float(value), code) for code, value, floor in zip(INDICATORS, sure, self._model.threshold) if value >= floor]
        return [{"code": code, "confidence": round(value, 4)} for value, code in sorted(found, reverse=True)]


def fit(vectors: np.ndarray, counts: sp.csr_matrix, labels: np.ndarray, config: Dict[Text, Any]) -> Model:
    """Train both readers, weigh them on a fifth they had not seen, and train them again on all.

    vectors (texts x 384), counts (texts x buckets), labels (texts x indicators, 0 or 1).
    """
    learn, judge = held_out(len(labels))
    network, lines = _readers(vectors[learn], counts[learn], labels[learn], config)
    opinions = network.read(vectors[judge]), lines.read(weighed(counts[judge]))
    columns = [_trust(*pair, label) for *pair, label in zip(*(part.T for part in opinions), labels[judge].T)]
    trust, threshold = (np.array(part, np.float32) for part in zip(*columns))
    return Model(*_readers(vectors, counts, labels, config), trust.T, threshold)


def _readers(vectors: np.ndarray, counts: sp.csr_matrix, labels: np.ndarray, config: Dict[Text, Any]) -> Tuple[Network, Lines]:
    """Train; the lines also on as many pairs of messages run together, as people tell many things at once."""
    order = np.random.default_rng(_SEED).permutation(len(labels))
    together = sp.vstack([weighed(counts), weighed(counts + counts[order])]).tocsr()
    lines = fit_lines(together, np.vstack([labels, labels | labels[order]]))
    return fit_network(vectors, labels, config["units"], config["rounds"]), lines


def _trust(meaning: np.ndarray, letters: np.ndarray, label: np.ndarray) -> Tuple[np.ndarray, float]:
    """Return the weights and the shift of one indicator, and the probability from which saying it makes F1 largest."""
    if not label.any():  # nothing to judge by: never said
        return np.array([0.0, 0.0, -9.0]), 1.0
    both = np.stack([meaning, letters], 1)
    model = LogisticRegression(C=10.0).fit(both, label)
    precision, recall, thresholds = precision_recall_curve(label, model.predict_proba(both)[:, 1])
    best = np.argmax((2 * precision * recall / (precision + recall + 1e-9))[:-1])
    return np.array([*model.coef_[0], model.intercept_[0]]), float(thresholds[best])


def _labels(message: Message) -> List[int]:
    """Return the labels of a training example, from the metadata that Rasa's reader puts beside it."""
    metadata = (message.get("metadata") or {}).get("example") or {}
    codes = metadata.get("indicators", []) if isinstance(metadata, dict) else []
    return [int(code in codes) for code in INDICATORS]
