"""Hands Rasa the training data of nlu/data: its own reader's messages, in a hundredth of its time, and their slips.

Rasa's reader parses each file four times in plain Python; tests/nlu/test_vectors.py compares the two on one language.
"""

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_model_configuration

from nlu.check_data import Example
from nlu.slips import SLIP, utterances

_WRITTEN = (TEXT, INTENT, ENTITIES, "metadata")


class Utterance(Message):
    """A training message as Rasa's own, but not copied at each merge, nor hashed with its vector after each step.

    Rasa does so for its cache of trainings, which nlu.train keeps empty: a minute for nothing.
    """

    def __deepcopy__(self, memo: Dict[int, Any]) -> "Utterance":
        """Return itself: only the tokenizer and the featurizer add to it, after all merging."""
        return self

    def fingerprint(self) -> Text:
        """Return a hash of what was written and labelled."""
        return hashlib.md5(repr([self.get(name) for name in _WRITTEN]).encode(), usedforsecurity=False).hexdigest()


class DataFolderImporter(TrainingDataImporter):
    """Named in nlu/config.yml under `importers`; reads <folder>/<language>/nlu.yml."""

    def __init__(
        self,
        config_file: Optional[Text] = None,
        domain_path: Optional[Text] = None,
        training_data_paths: Optional[Union[List[Text], Text]] = None,
        **kwargs: Any,
    ) -> None:
        paths = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        self._config_file, self._folders = config_file, [Path(path) for path in paths]
        self._data: Optional[TrainingData] = None  # Rasa asks four times

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        self._data = self._data or TrainingData(
            [_message(example) for folder in self._folders for example in utterances(folder)]
        )
        return self._data

    def get_config(self) -> Dict:
        return read_model_configuration(self._config_file)

    def get_config_file_for_auto_config(self) -> Optional[Text]:
        return self._config_file

    def get_domain(self) -> Domain:
        return Domain.empty()

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        return StoryGraph([])


def _message(example: Example) -> Message:
    message = Utterance(data=parse_training_example(example.marked, example.intent).data)
    if example.slip:
        message.set(SLIP, True)
    if example.indicators:
        message.set("metadata", {"example": {"indicators": list(example.indicators)}})
    return message
