"""Rasa's conditional random field, kept as it was trained.

Rasa's own keeps its examples and is trained anew at each load.
"""

import shutil
from typing import Any, Dict, List, Text

import regex
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor, CRFToken
from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_TYPE
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn_crfsuite import CRF

from nlu.slips import SLIP

_FILE = "spans.crfsuite"
_DIGIT = regex.compile(r"\d")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SpanExtractor(CRFEntityExtractor):
    """Finds entities by type; roles and groups are not learnt."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every message with an entity, and from every other of those without: they are three in four."""
        written = [message for message in training_data.training_examples if not message.get(SLIP)]
        bare = [message for message in written if not message.get(ENTITIES)]
        marked = [message for message in written if message.get(ENTITIES)]
        return super().train(TrainingData([*marked, *bare[::2]]))

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SpanExtractor":
        with model_storage.read_from(resource) as folder:
            tagger = CRF(model_filename=str(folder / _FILE))
            tagger.tagger_  # noqa: B018  reads the file, which will not stay
        return cls(config, model_storage, resource, {ENTITY_ATTRIBUTE_TYPE: tagger})

    def _convert_to_crf_tokens(self, message: Message) -> List[CRFToken]:
        """Return Rasa's tokens with each digit as 0: which number it is says little, 24 is hours as often as years."""
        tokens = super()._convert_to_crf_tokens(message)
        for token in tokens:
            token.text = _DIGIT.sub("0", token.text)
        return tokens

    def persist(self, dataset: List[List[CRFToken]]) -> None:
        """Write the trained model."""
        with self._model_storage.write_to(self._resource) as folder:
            shutil.copyfile(self.entity_taggers[ENTITY_ATTRIBUTE_TYPE].modelfile.name, folder / _FILE)
