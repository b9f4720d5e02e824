"""What the writer does with the message, one intent; and which indicators the words state, any number of them."""

from typing import Any, Dict, List, NamedTuple, Optional, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import expit

from nlu.components.blend import Labels, Readers, Texts, Trust, counted, fit, stacked
from nlu.components.e5_featurizer import PARTS, VECTORS, sentences
from nlu.e5.encoder import spelled
from nlu.slips import SLIP
from nlu.taxonomy import INDICATORS

_FILE = "model.npz"
_RANKED = 10


class Model(NamedTuple):
    """The names of the intents, the readers, and the trust in them."""

    names: np.ndarray
    readers: Readers
    trust: Trust


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MessageClassifier(IntentClassifier, GraphComponent):
    """Answers `intent` and `intent_ranking` as Rasa's own classifiers do, and `indicators: [{code, confidence}]`.

    It learns indicators from `metadata: {indicators: [...]}` of the examples. They are asked of the whole message and
    of every clause.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"units": 512, "rounds": 20, "floor": 0.4}

    def __init__(
        self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, model: Optional[Model] = None
    ) -> None:
        self._config, self._storage, self._resource, self._model = config, storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "MessageClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "MessageClassifier":
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as arrays:
            readers = Readers(*(arrays[name].astype(np.float32) for name in Readers._fields))
            model = Model(arrays["names"], readers, Trust(*(arrays[f"trust_{name}"] for name in Trust._fields)))
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        names, classes = np.unique([message.get(INTENT) for message in examples], return_inverse=True)
        intents = np.eye(len(names), dtype=int)[classes]
        indicators = np.array([_labels(message) for message in examples])
        texts = Texts(sentences(examples), stacked([counted(spelled(message.get(TEXT))) for message in examples]))
        groups = np.cumsum([not message.get(SLIP) for message in examples]) - 1
        size = self._config["units"], self._config["rounds"]
        self._model = Model(names, *fit(texts, Labels(intents, indicators), groups, *size))
        self._keep(self._model)
        return self._resource

    def _keep(self, model: Model) -> None:
        """Write all in one file; the lines as halves, which they were rounded to."""
        trust = {f"trust_{name}": value for name, value in model.trust._asdict().items()}
        readers = {**model.readers._asdict(), "lines": model.readers.lines.astype(np.float16)}
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(folder / _FILE, names=model.names, **readers, **trust)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(VECTORS) is not None:
                intents, odds = self._opinions(message)
                self._say_intent(message, np.exp(intents[0]))
                message.set("indicators", self._stated(odds), add_to_output=True)
        return messages

    def _opinions(self, message: Message) -> Tuple[np.ndarray, np.ndarray]:
        """Return log probabilities of the intents and log odds of the indicators, of the whole and of each clause."""
        letters = map(counted, message.get(PARTS))
        return self._model.trust.pool(*self._model.readers.read(message.get(VECTORS), letters))

    def _say_intent(self, message: Message, sure: np.ndarray) -> None:
        ranking = [
            {"name": str(self._model.names[index]), "confidence": float(sure[index])}
            for index in np.argsort(-sure, kind="stable")[:_RANKED]
        ]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)

    def _stated(self, odds: np.ndarray) -> List[Dict[Text, Any]]:
        """Return the likely indicators, the surest first."""
        sure = expit((odds[0] + odds.max(axis=0)) / 2)  # the whole, and the part that says it most
        found = [(float(value), code) for code, value in zip(INDICATORS, sure) if value >= self._config["floor"]]
        return [{"code": code, "confidence": round(value, 4)} for value, code in sorted(found, reverse=True)]


def _labels(message: Message) -> List[int]:
    """Return the labels of a training example, from the metadata that Rasa's reader puts beside it."""
    metadata = (message.get("metadata") or {}).get("example") or {}
    codes = metadata.get("indicators", []) if isinstance(metadata, dict) else []
    return [int(code in codes) for code in INDICATORS]
