"""Words in every script, through ICU's dictionaries; Rasa's own tokenizer takes a Khmer sentence for one word."""

from typing import Any, Dict, List, Text

from icu4py.breakers import WordBreaker
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

_FIRST_IDEOGRAPH = "\u2fff"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class IcuTokenizer(Tokenizer):
    """Offsets are those of the text as written."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> List[Text]:
        return ["icu4py"]

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        text = message.get(attribute)
        tokens, position = [], 0
        for segment in map(str, WordBreaker(text, "root")):
            if _is_word(segment):
                tokens.append(Token(segment, position))
            position += len(segment)
        return self._apply_token_pattern(tokens or [Token(text, 0)])  # emoji alone: one token


def _is_word(segment: str) -> bool:
    return not segment.isspace() and any(char.isalnum() or char == "+" or char > _FIRST_IDEOGRAPH for char in segment)
