"""What word lists know better: places, nationalities, counts, ages, whole-message commands; and the language."""

from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.language import identify, others
from nlu.lexicon import Facts, facts, intent_of_command, normalise, shipped
from nlu.lexicon.counts import OLDEST, quantities

_NAME = "LexiconEntityExtractor"
_SURE = "confidence_entity"
_LEAST_SURE = 0.55
"""Of a span that Rasa's field calls an age: below, as many are none."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LexiconEntityExtractor(GraphComponent):
    """Adds to the answer `facts`, `language` and `other_languages`.

    Its entities take the place of those found above it; so does the intent of a message that is a command ("ko", "stop").
    """

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LexiconEntityExtractor":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = facts(text, shipped())
            _say_command(message, intent_of_command(text, shipped()))
            main = identify(text)
            message.set("language", main, add_to_output=True)
            message.set("other_languages", list(others(text, main)), add_to_output=True)
            entities = _merged(message.get(ENTITIES, []), _entities(found))
            message.set("facts", _stated(found, list(found.ages) or _ages(entities, text)), add_to_output=True)
            message.set(ENTITIES, entities, add_to_output=True)
        return messages


def _say_command(message: Message, intent: Optional[Text]) -> None:
    if intent:
        sure = {"name": intent, "confidence": 1.0}
        message.set(INTENT, sure, add_to_output=True)
        message.set("intent_ranking", [sure], add_to_output=True)


def _stated(found: Facts, ages: List[int]) -> Dict[Text, Any]:
    return {
        "province": found.province,
        "people_count": found.people_count,
        "nationalities": list(found.nationalities),
        "ages": ages,
    }


def _ages(entities: List[Dict[Text, Any]], text: Text) -> List[int]:
    """Return the numbers that learnt spans call ages: "Joy, 24" has no word for years, and "17 anos" may be a time."""
    sure = [one for one in entities if one["entity"] == "age" and one.get(_SURE, 0) >= _LEAST_SURE]
    words = [normalise(text[one["start"] : one["end"]]) for one in sure]
    values = [number.value for normal in words for number in quantities(normal, shipped())[:1]]
    return [value for value in values if value <= OLDEST]


def _entities(found: Facts) -> List[Dict[Text, Any]]:
    return [
        {"start": span.start, "end": span.end, "entity": span.entity.entity, "value": span.entity.value, "extractor": _NAME}
        for span in found.spans
    ]


def _merged(others: List[Dict[Text, Any]], ours: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
    """Return ours and those of the others that do not overlap ours, in text order."""
    free = [one for one in others if all(one["end"] <= our["start"] or our["end"] <= one["start"] for our in ours)]
    return sorted([*ours, *free], key=lambda entity: entity["start"])
