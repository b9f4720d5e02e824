"""Reads an answer of the NLU server, which may be any JSON at all, into an `Understanding`."""

from collections.abc import Mapping
from typing import Any, Final

import regex

from nlu.language import identify
from nlu.lexicon import Facts, Lexicon, facts, normalise
from nlu.lexicon.facts import MAX_CHARS
from nlu.taxonomy import ENTITIES, INDICATORS, INTENTS, PROVINCES
from nlu.understanding import Entity, Indicator, Understanding

_TERRITORY: Final = regex.compile(r"[A-Z]{2}")
_LANGUAGE: Final = regex.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?")
_WHOLE: Final = regex.compile(r"[0-9]{1,5}")
_MOST_PEOPLE: Final = 10_000
_OLDEST: Final = 120
_LEAST_RELATION_CHARS: Final = 4


class BadAnswer(ValueError):
    """The server's answer has not the promised shape; says which part, never what it held."""


def read_answer(answer: object, text: str, lexicon: Lexicon) -> Understanding:
    """Return what `answer` says of `text`, with the danger words that the lexicon finds added to it.

    Codes outside the taxonomy are dropped. A server without our own steps gives no facts: they come from the lexicon.

    Raises:
        BadAnswer: A part has a wrong type, or a confidence is not a number in 0..1.
    """
    whole = _mapping(answer, "answer")
    intent = _mapping(whole.get("intent"), "intent")
    name = intent.get("name")
    found = facts(text, lexicon)
    stated = whole.get("facts")
    return Understanding(
        language=_language(whole.get("language")) or identify(text),
        intent=name if name in INTENTS else None,
        confidence=_confidence(intent.get("confidence")) if name in INTENTS else 0.0,
        indicators=_indicators(whole.get("indicators", []), found.indicators),
        entities=_entities(whole.get("entities", []), text, lexicon),
        **_facts(found if stated is None else _mapping(stated, "facts")),
        by_server=True,
    )


def _facts(stated: "Facts | Mapping[str, Any]") -> dict[str, Any]:
    """Return the four facts, each checked."""
    if isinstance(stated, Facts):
        names = ("province", "people_count", "nationalities", "ages")
        return {name: getattr(stated, name) for name in names}
    province, count = stated.get("province"), stated.get("people_count")
    return {
        "province": province if province in PROVINCES else None,
        "people_count": count if _is_whole(count, 1, _MOST_PEOPLE) else None,
        "nationalities": tuple(
            code for code in _list(stated, "nationalities") if isinstance(code, str) and _TERRITORY.fullmatch(code)
        ),
        "ages": tuple(age for age in _list(stated, "ages") if _is_whole(age, 0, _OLDEST)),
    }


def _indicators(answered: object, by_words: tuple[str, ...]) -> tuple[Indicator, ...]:
    """Return the server's indicators, then those that only the words state, each once."""
    if not isinstance(answered, list):
        raise BadAnswer("indicators")
    found: dict[str, Indicator] = {}
    for item in answered:
        entry = _mapping(item, "indicator")
        confidence = _confidence(entry.get("confidence"))
        if entry.get("code") in INDICATORS:
            found.setdefault(entry["code"], Indicator(entry["code"], confidence))
    for code in by_words:
        found.setdefault(code, Indicator(code, 1.0))
    return tuple(found.values())


def _entities(answered: object, text: str, lexicon: Lexicon) -> tuple[Entity, ...]:
    """Return the entities of known types that lie inside the text, in text order."""
    if not isinstance(answered, list):
        raise BadAnswer("entities")
    entries = [_mapping(item, "entity") for item in answered]
    kept = [entry for entry in entries if entry.get("entity") in ENTITIES and _inside(entry, text)]
    kept.sort(key=lambda entry: entry["start"])
    found = tuple(_entity(entry, text[entry["start"] : entry["end"]], lexicon) for entry in kept)
    return found if any(entity.entity == "relation" for entity in found) else found + _relations(text, lexicon)


def _relations(text: str, lexicon: Lexicon) -> tuple[Entity, ...]:
    """Return the relations that the lexicon alone finds; short words are also pronouns in many a language."""
    normal = normalise(text[:MAX_CHARS])
    hits = (hit for hit in lexicon.relations.find(normal) if hit.end - hit.start >= _LEAST_RELATION_CHARS)
    spans = ((normal.origin(hit.start, hit.end), hit.value) for hit in hits)
    return tuple(Entity("relation", text[start:end], value) for (start, end), value in spans)


def _entity(entry: Mapping[str, Any], words: str, lexicon: Lexicon) -> Entity:
    """Return one entity with its code: the server's, or for a relation the lexicon's."""
    if entry["entity"] == "relation":
        hits = lexicon.relations.find(normalise(words))
        return Entity("relation", words, hits[-1].value if hits else None)
    return Entity(entry["entity"], words, _code(entry["entity"], entry.get("value")))


def _inside(entry: Mapping[str, Any], text: str) -> bool:
    start, end = entry.get("start"), entry.get("end")
    return _is_whole(start, 0, len(text)) and _is_whole(end, 1, len(text)) and start < end  # type: ignore[operator]


def _code(entity: str, value: object) -> str | None:
    """Return the value if it is a code: Rasa repeats the words where there is none."""
    if not isinstance(value, str):
        return None
    if entity == "place":
        return value if value in PROVINCES else None
    patterns = {"nationality": _TERRITORY, "people_count": _WHOLE, "age": _WHOLE}
    return value if entity in patterns and patterns[entity].fullmatch(value) else None


def _mapping(value: object, part: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadAnswer(part)
    return value


def _list(stated: Mapping[str, Any], name: str) -> list[Any]:
    value = stated.get(name, [])
    if not isinstance(value, list):
        raise BadAnswer(name)
    return value


def _language(value: object) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None


def _confidence(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:  # NaN neither
        raise BadAnswer("confidence")
    return float(value)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
