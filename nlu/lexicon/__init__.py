"""Words that work even when the NLU server is down: places, nationalities, counts, ages, dangers, commands."""

from nlu.lexicon.facts import Facts, facts, indicators_of, only_number
from nlu.lexicon.understand import command, intent_of_command, retracts, states_danger, understand_by_words
from nlu.lexicon.words import Lexicon, LexiconError, load, shipped
from nlu.normal import normalise, spelled

__all__ = [
    "Facts",
    "Lexicon",
    "LexiconError",
    "command",
    "facts",
    "indicators_of",
    "intent_of_command",
    "load",
    "normalise",
    "only_number",
    "retracts",
    "shipped",
    "spelled",
    "states_danger",
    "understand_by_words",
]
