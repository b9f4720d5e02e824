"""What the writer does with the message: one intent, with a probability that can be believed."""

from typing import Any, Dict, List, NamedTuple, Optional, Text

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize
from scipy.special import log_softmax

from nlu.components.blend import Lines, Network, counted, fit_lines, fit_network, held_out, pack, unpack, weighed
from nlu.components.e5_featurizer import VECTORS, sentences

_FILE = "intents.npz"
_RANKED = 10


class Model(NamedTuple):
    """Names of the intents, the two readers, and the weight of each."""

    names: np.ndarray
    network: Network
    lines: Lines
    trust: np.ndarray

    def read(self, vectors: np.ndarray, letters: sp.csr_matrix) -> np.ndarray:
        """Return probabilities (texts x intents)."""
        return np.exp(_pooled(self.trust, self.network.read(vectors), self.lines.read(letters)))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class BlendedIntentClassifier(IntentClassifier, GraphComponent):
    """Answers `intent` and `intent_ranking` as Rasa's own classifiers do."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"units": 512, "rounds": 15}

    def __init__(
        self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model: Optional[Model] = None
    ) -> None:
        self._config, self._storage, self._resource, self._model = config, storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "BlendedIntentClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "BlendedIntentClassifier":
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            readers = (unpack(arrays, "network", Network), unpack(arrays, "lines", Lines))
            return cls(config, model_storage, resource, Model(arrays["names"], *readers, arrays["trust"]))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        names, classes = np.unique([message.get(INTENT) for message in examples], return_inverse=True)
        letters = weighed(counted([message.get(TEXT) for message in examples]))
        self._model = fit(names, classes, sentences(examples), letters, self._config)
        with self._storage.write_to(self._resource) as folder:
            readers = pack(network=self._model.network, lines=self._model.lines)
            np.savez_compressed(folder / _FILE, names=names, trust=self._model.trust, **readers)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Read a batch at once."""
        read = [message for message in messages if message.get(VECTORS) is not None]
        if read:
            vectors = np.stack([message.get(VECTORS)[0] for message in read])
            sure = self._model.read(vectors, weighed(counted([message.get(TEXT) for message in read])))
            for message, row in zip(read, sure):
                self._answer(message, row)
        return messages

    def _answer(self, message: Message, sure: np.ndarray) -> None:
        ranking = [
            {"name": str(self._model.names[index]), "confidence": float(sure[index])}
            for index in np.argsort(-sure, kind="stable")[:_RANKED]
        ]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)


def fit(
    names: np.ndarray, classes: np.ndarray, vectors: np.ndarray, letters: sp.csr_matrix, config: Dict[Text, Any]
) -> Model:
    """Train both readers, find their weights on a fifth they had not seen, and train them again on all."""
    learn, judge = held_out(len(classes))
    network, lines = _readers(classes[learn], vectors[learn], letters[learn], config)
    trust = _trust(network.read(vectors[judge]), lines.read(letters[judge]), classes[judge])
    return Model(names, *_readers(classes, vectors, letters, config), trust)


def _readers(classes: np.ndarray, vectors: np.ndarray, letters: sp.csr_matrix, config: Dict[Text, Any]) -> Any:
    one_each = np.eye(classes.max() + 1, dtype=int)[classes]
    return fit_network(vectors, classes, config["units"], config["rounds"]), fit_lines(letters, one_each)


def _pooled(trust: np.ndarray, meaning: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """Return log probabilities: both opinions added, each times its weight."""
    return log_softmax(trust[0] * log_softmax(meaning, axis=1) + trust[1] * letters, axis=1)


def _trust(meaning: np.ndarray, letters: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the two weights that make the right intents likeliest."""

    def surprise(trust: np.ndarray) -> float:
        return -_pooled(trust, meaning, letters)[np.arange(len(classes)), classes].mean()

    return minimize(surprise, np.array([0.5, 1.5]), method="Nelder-Mead").x
