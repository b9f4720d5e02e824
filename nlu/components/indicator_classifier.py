"""Which indicators the words state: one yes-or-no question each, asked of the whole message and of every clause."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import StratifiedKFold

from nlu.components.e5_featurizer import VECTORS, centred, parts
from nlu.components.encoder import shared
from nlu.taxonomy import INDICATORS

_FOLDS = 4
_SEED = 7


class Model(NamedTuple):
    """The trained numbers.

    weights (indicators x 384), bias (indicators): log odds of one vector.
    slope, shift (indicators): log odds of the message from the largest of its vectors' (Platt).
    threshold (indicators): probability from which the indicator is said.
    mean (384): of the training messages.
    """

    weights: np.ndarray
    bias: np.ndarray
    slope: np.ndarray
    shift: np.ndarray
    threshold: np.ndarray
    mean: np.ndarray


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IndicatorClassifier(GraphComponent):
    """Learns from `metadata: {indicators: [...]}` of the examples; answers `indicators: [{code, confidence}]`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"scale": 8.0, "C": 1.0}

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
        with model_storage.read_from(resource) as folder, np.load(folder / "indicators.npz") as arrays:
            model = Model(*(arrays[name] for name in Model._fields))
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.training_examples if message.get(TEXT)]
        labels = np.array([_labels(message) for message in examples])
        stating = {message.get(INTENT) for message, row in zip(examples, labels) if row.any()}
        groups = [
            parts(message.get(TEXT)) if message.get(INTENT) in stating else [message.get(TEXT)] for message in examples
        ]
        self._model = fit(groups, labels, self._config)
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "indicators.npz", **self._model._asdict())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            rows = message.get(VECTORS)
            message.set("indicators", [] if rows is None else self._stated(rows), add_to_output=True)
        return messages

    def _stated(self, rows: np.ndarray) -> List[Dict[Text, Any]]:
        """Return the indicators above their thresholds, the surest first."""
        model = self._model
        sure = probability(peaks(rows @ model.weights.T + model.bias), model.slope, model.shift)
        found = [(float(value), code) for code, value, floor in zip(INDICATORS, sure, model.threshold) if value >= floor]
        return [{"code": code, "confidence": round(value, 4)} for value, code in sorted(found, reverse=True)]


def peaks(log_odds: np.ndarray) -> np.ndarray:
    """Return the largest over a message's vectors (rows), for each indicator (column)."""
    return log_odds.max(axis=0)


def probability(log_odds: np.ndarray, slope: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return calibrated probabilities."""
    return 1 / (1 + np.exp(-(slope * log_odds + shift)))


def fit(groups: Sequence[List[str]], labels: np.ndarray, config: Dict[Text, Any]) -> Model:
    """Train on messages, each its whole and its clauses, and their labels (messages x indicators, 0 or 1).

    Thresholds and calibration come from messages that the weights had not seen (cross-validation), scored as a
    server scores them: by their whole and their clauses.
    """
    vectors = shared().encode([part for group in groups for part in group])
    starts = np.cumsum([0, *(len(group) for group in groups)])
    mean = vectors[starts[:-1]].mean(0)
    vectors = centred(vectors, mean, config["scale"])
    columns = [_fit_one(vectors, starts, label, config["C"]) for label in labels.T]
    return Model(*(np.array(values) for values in zip(*columns)), mean=mean)


def _fit_one(
    vectors: np.ndarray, starts: np.ndarray, label: np.ndarray, strength: float
) -> Tuple[np.ndarray, float, float, float, float]:
    """Return weights, bias, slope, shift and threshold of one indicator.

    `starts` are the rows of `vectors` where each message begins (its whole), and at last their number.
    """
    if label.sum() < _FOLDS:  # too few examples to learn from: never said
        return np.zeros(vectors.shape[1]), -9.0, 1.0, 0.0, 1.0
    rows, unseen = vectors[starts[:-1]], np.empty(len(label))
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED).split(rows, label):
        weights, bias = _weights(rows[train], label[train], strength)
        unseen[test] = np.maximum.reduceat(vectors @ weights + bias, starts[:-1])[test]
    platt = LogisticRegression(C=1e3).fit(unseen[:, None], label)
    slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    threshold = _threshold(probability(unseen, slope, shift), label)
    return (*_weights(rows, label, strength), slope, shift, threshold)


def _weights(rows: np.ndarray, label: np.ndarray, strength: float) -> Tuple[np.ndarray, float]:
    model = LogisticRegression(C=strength, max_iter=300).fit(rows, label)
    return model.coef_[0], float(model.intercept_[0])


def _threshold(sure: np.ndarray, label: np.ndarray) -> float:
    """Return the probability from which saying it makes F1 largest."""
    precision, recall, thresholds = precision_recall_curve(label, sure)
    return float(thresholds[np.argmax((2 * precision * recall / (precision + recall + 1e-9))[:-1])])


def _labels(message: Message) -> List[int]:
    """Return the labels of a training example, from the metadata that Rasa's reader puts beside it."""
    metadata = (message.get("metadata") or {}).get("example") or {}
    codes = metadata.get("indicators", []) if isinstance(metadata, dict) else []
    return [int(code in codes) for code in INDICATORS]
