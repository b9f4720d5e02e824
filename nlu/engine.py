"""Runs a trained Rasa archive step by step on lists of messages: no dask, no agent, no tracker, no server of Rasa's."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import nlu.components.quiet  # noqa: F401  first: it prepares for Rasa

# isort: split
from rasa.engine import loader
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from threadpoolctl import threadpool_limits

from nlu.lexicon.facts import MAX_CHARS

_LEFT_OUT: Final = ("nlu_message_converter", "run_RegexMessageHandler")
"""The second lets a message that begins with a slash name its own intent."""

_FIRST: Final = ("warm up", "salve, quid agitis hodie amici?")
"""Read once at the start, so that what opens on first use is open: the second makes the language identifier load."""

_NOTHING: Final[dict[str, Any]] = {
    "intent": {"name": None, "confidence": 0.0},
    "intent_ranking": [],
    "entities": [],
    "indicators": [],
    "language": "und",
    "other_languages": [],
    "facts": {"province": None, "people_count": None, "nationalities": [], "ages": []},
}
"""What an empty text says; a step that finds nothing leaves its part so."""


class Engine:
    """A loaded model. Not safe for two threads at once."""

    def __init__(self, model: Path) -> None:
        """Load the archive at `model`. Nothing of it stays on disk, even if this process is killed later.

        From now on this process multiplies on one core: for so little, the others' waiting costs more than they do.
        """
        threadpool_limits(1)
        with tempfile.TemporaryDirectory() as folder, _temporary_files_in(folder):
            metadata, runner = loader.load_predict_graph_runner(Path(folder), model, LocalModelStorage, DaskGraphRunner)
            self.model_id: str = metadata.model_id
            self._steps: list[Callable[..., list[Message]]] = [
                partial(node._fn, node._component)  # noqa: SLF001  Rasa has no public way to one step
                for name, node in runner._instantiated_nodes.items()  # noqa: SLF001
                if name not in _LEFT_OUT
            ]
            self.parse(_FIRST)

    def parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Return Rasa's answer for each text; of a text over 4,000 characters the start is looked at."""
        messages = [Message(data={TEXT: text[:MAX_CHARS]}) for text in texts if text]
        if messages:
            for step in self._steps:
                messages = step(messages=messages)
        answers = iter(messages)
        return [{**_NOTHING, **(_output(next(answers)) if text else {}), "text": text} for text in texts]


@contextmanager
def _temporary_files_in(folder: str) -> Iterator[None]:
    """Let libraries put their temporary files into `folder`: CRFsuite leaves its own behind."""
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield
    finally:
        tempfile.tempdir = before


def _output(message: Message) -> dict[str, Any]:
    return dict(message.as_dict(only_output_properties=True))
