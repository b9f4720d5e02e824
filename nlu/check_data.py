"""Checks the training data and the lexicons: `uv run --project nlu python -m nlu.check_data [EVAL.jsonl]`.

Prints one line for each finding, by language and label, never with an evaluation text; exit 1 if there is one.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex

from nlu.lexicon import LexiconError, spelled
from nlu.lexicon.words import CUES, DATA, RELATIONS, read
from nlu.normal import normalise
from nlu.taxonomy import ENTITIES, INDICATORS, INTENTS, LANGUAGES, PROVINCES

MOST_SPOKEN: Final = ("km", "zh-Hans", "en", "vi")
LEAST: Final = {language: (40, 30) if language in MOST_SPOKEN else (20, 15) for language in LANGUAGES}
"""Utterances of each intent, and of each indicator, that a language wants."""
_COMMANDS: Final = ("yes", "no", "skip", "dont_know", "stop", "erase", "done", "hello", "language", "receipt", "hide")
_BRACKETS: Final = regex.compile(r"\[([^\[\]]+)\]\(([^()]*)\)")
_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "command": _COMMANDS,
    "danger": INDICATORS,
    "negation": ("before", "after"),
    "count": ("people", "alone"),
    "age": ("before", "after"),
    "place": PROVINCES,
    "cue": CUES,
    "relation": RELATIONS,
    "retraction": ("words",),
}
_TERRITORY: Final = regex.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Example:
    """One training utterance as it stands in nlu.yml, or (`slip`) what `nlu.slips` makes of one."""

    language: str
    intent: str
    marked: str
    indicators: tuple[str, ...]
    slip: bool = False

    @property
    def text(self) -> str:
        """The utterance without entity brackets."""
        return _BRACKETS.sub(r"\1", self.marked)


def examples(folder: Path) -> Iterator[Example]:
    """Yield every training utterance of every language."""
    from ruamel.yaml import YAML  # noqa: PLC0415  comes with Rasa

    for path in sorted(folder.glob("*/nlu.yml")):
        for block in YAML(typ="safe").load(path.read_text(encoding="utf-8")).get("nlu", []):
            for text, indicators in _entries(block.get("examples")):
                yield Example(path.parent.name, block.get("intent", ""), text, indicators)


def _entries(block: Any) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: ANN401  outside data
    if isinstance(block, str):
        yield from ((line.strip()[2:].strip(), ()) for line in block.splitlines() if line.strip().startswith("- "))
        return
    for entry in block or ():
        metadata = entry.get("metadata") or {}
        yield entry["text"].strip(), tuple(metadata.get("indicators", ()))


def check_examples(found: list[Example]) -> Iterator[str]:
    """Yield findings about labels, brackets, duplicates and counts."""
    seen: dict[tuple[str, str], Example] = {}
    for example in found:
        where = f"{example.language} {example.intent}"
        if example.intent not in INTENTS:
            yield f"{where}: intent not in the taxonomy"
        unknown = set(example.indicators) - set(INDICATORS)
        yield from (f"{where}: indicator {code} not in the taxonomy" for code in unknown)
        yield from (f"{where}: {problem}: {example.marked[:60]}" for problem in _bracket_problems(example.marked))
        key = (example.language, spelled(example.text))
        if key in seen:
            yield f"{where}: twice (also {seen[key].intent}): {example.text[:60]}"
        seen[key] = example
    yield from _too_few(found)


def _bracket_problems(marked: str) -> Iterator[str]:
    for match in _BRACKETS.finditer(marked):
        if match[2] not in ENTITIES:
            yield f"entity {match[2]} not in the taxonomy"
        if match[1] != match[1].strip():
            yield "blank at the end of an entity"
    if regex.search(r"[\[\]]|\]\(", _BRACKETS.sub("", marked)):
        yield "bracket without its other half"


def _too_few(found: list[Example]) -> Iterator[str]:
    for language in LANGUAGES:
        ours = [example for example in found if example.language == language]
        intents = Counter(example.intent for example in ours)
        indicators = Counter(code for example in ours for code in example.indicators)
        for code, count, least in [
            *((code, intents[code], LEAST[language][0]) for code in INTENTS),
            *((code, indicators[code], LEAST[language][1]) for code in INDICATORS),
        ]:
            if count < least:
                yield f"{language}: {code} has {count} examples, wants {least}"


def check_overlap(found: list[Example], evaluation: Path) -> Iterator[str]:
    """Yield how many training utterances stand in an evaluation file, without quoting one."""
    lines = evaluation.read_text(encoding="utf-8").splitlines()
    texts = {spelled(json.loads(line)["text"]) for line in lines if line.strip()}
    for language, count in Counter(e.language for e in found if spelled(e.text) in texts).items():
        yield f"{language}: {count} training utterances stand in the evaluation file"


def check_lexicons(folder: Path) -> Iterator[str]:
    """Yield findings about shapes, unknown codes, provinces without a name, and words with two meanings."""
    meanings: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in ("command", "place", "nationality")}
    for path in sorted([*folder.glob("*/lexicon.toml"), *folder.glob("*/cues.toml")]):
        try:
            tables = read(path)
        except LexiconError as error:
            yield str(error)
            continue
        yield from (f"{path.parent.name}: {problem}" for problem in _shape_problems(tables))
        for name, words in meanings.items():
            for code, spellings in tables.get(name, {}).items():
                for word in spellings:
                    words[spelled(word)].add(code)
    for name, words in meanings.items():
        yield from (f"{name}: {word!r} means {sorted(codes)}" for word, codes in words.items() if len(codes) > 1)


def _shape_problems(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, table in tables.items():
        for code, words in table.items():
            yield from _entry_problems(name, code, words)
    if "place" in tables:
        yield from (f"place.{code} is missing" for code in sorted(set(PROVINCES) - set(tables["place"])))


def _entry_problems(name: str, code: str, words: object) -> Iterator[str]:
    if name == "number":
        if not isinstance(words, int):
            yield f"number.{code} is not a whole number"
        return
    known = bool(_TERRITORY.fullmatch(code)) if name == "nationality" else code in _CODES.get(name, ())
    if not known:
        yield f"{name}.{code} is not known"
    if not isinstance(words, list) or not all(isinstance(word, str) and normalise(word).text.strip() for word in words):
        yield f"{name}.{code} is not a list of words"


def main() -> None:
    """Check everything; exit 1 if something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evaluation", type=Path, nargs="?")
    options = parser.parse_args()
    found = list(examples(DATA))
    findings = [*check_examples(found), *check_lexicons(DATA)]
    if options.evaluation:
        findings += check_overlap(found, options.evaluation)
    print("\n".join([*findings, f"{len(found)} examples, {len(findings)} findings"]))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
