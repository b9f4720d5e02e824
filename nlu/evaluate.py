"""Measures understanding on a labelled file, language by language.

`uv run --project nlu python -m nlu.evaluate FILE.jsonl [--url http://127.0.0.1:5005]` from the repository root.
Each line: {"lang", "text", "intent", "indicators", "slots": {"province", "nationality", "people_count", "ages"}};
three of them lists. Prints a table and, as the last line, one JSON object. Shows no text of the file.
"""

import argparse
import json
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from nlu.lexicon import shipped, understand_by_words
from nlu.models import model_path
from nlu.reading import read_answer
from nlu.taxonomy import LANGUAGES
from nlu.understanding import Understanding

Understand = Callable[[str], Understanding]
Row = Mapping[str, Any]

MEASURES: Final = ("intent", "indicators", "province", "nationality", "people_count", "ages", "language")
"""Intent and language: share right. The others: F1 over single values, None where the file has none."""

_LANGUAGE_OF: Final = {"vi-x-plain": "vi", "km-Latn": "km", "hi-Latn": "hi"}


class Tally:
    """Counts of right and wrong for one group of messages."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.messages = 0
        self._right: Counter[str] = Counter()
        self._sets: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, row: Row, found: Understanding) -> None:
        """Compare one message's labels with what was understood."""
        slots = row["slots"]
        self.messages += 1
        self._right["intent"] += found.intent == row["intent"]
        self._right["language"] += found.language == expected_language(row["lang"])
        self._compare("indicators", row["indicators"], [indicator.code for indicator in found.indicators])
        self._compare("province", _one(slots.get("province")), _one(found.province))
        self._compare("nationality", slots.get("nationality", ()), found.nationalities)
        self._compare("people_count", _one(slots.get("people_count")), _one(found.people_count))
        self._compare("ages", slots.get("ages", ()), found.ages)

    def figures(self) -> dict[str, Any]:
        """Return each measure in 0..1, and how many messages."""
        shares = {name: round(self._right[name] / max(1, self.messages), 3) for name in ("intent", "language")}
        scores = {name: _f1(counts) for name, counts in self._sets.items()}
        return {"messages": self.messages, **{name: {**shares, **scores}.get(name) for name in MEASURES}}

    def _compare(self, name: str, wanted: Iterable[object], found: Iterable[object]) -> None:
        gold, said = set(wanted), set(found)
        self._sets[name].update(right=len(gold & said), false=len(said - gold), missed=len(gold - said))


def expected_language(tag: str) -> str:
    """Return what identification should say for a message labelled `tag`."""
    tag = _LANGUAGE_OF.get(tag, tag)
    return tag if tag in LANGUAGES else "und"


def evaluate(rows: Iterable[Row], understand: Understand) -> dict[str, Any]:
    """Return the figures by language, of our five languages together ("ours"), and of all ("all")."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for row in rows:
        found = understand(row["text"])
        groups = ["all", row["lang"], *(["ours"] if row["lang"] in LANGUAGES else [])]
        for group in groups:
            tallies[group].add(row, found)
    return {group: tally.figures() for group, tally in tallies.items()}


def by_url(url: str) -> Understand:
    """Ask a running server."""
    return lambda text: read_answer(answer_of(url, text), text, shipped())


def answer_of(url: str, text: str) -> Any:  # noqa: ANN401  outside data
    """Return what a running server answers, as it is."""
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(f"{url}/model/parse", body, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def by_model(model: Path) -> Understand:
    """Load the trained model into this process."""
    from nlu.engine import Engine  # noqa: PLC0415  heavy, and not needed with --url

    engine = Engine(model)
    return lambda text: read_answer(engine.parse([text])[0], text, shipped())


def by_words(text: str) -> Understanding:
    """Use the word lists alone."""
    return understand_by_words(text, shipped())


def _table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [" ".join(["group".ljust(11), *(name.rjust(12) for name in ("messages", *MEASURES))])]
    for group, values in figures.items():
        cells = [values[name] for name in ("messages", *MEASURES)]
        lines.append(" ".join([group.ljust(11), *(("-" if cell is None else str(cell)).rjust(12) for cell in cells)]))
    return "\n".join(lines)


def _f1(counts: Mapping[str, int]) -> "float | None":
    if not counts["right"] + counts["missed"]:
        return None
    return round(2 * counts["right"] / (2 * counts["right"] + counts["false"] + counts["missed"]), 3)


def _one(value: object) -> tuple[object, ...]:
    return () if value is None else (value,)


def main() -> None:
    """Measure one file and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", help="a running server; without it the model is loaded here")
    parser.add_argument("--words", action="store_true", help="the word lists alone, as when the server is down")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    understand = by_words if options.words else by_url(options.url) if options.url else by_model(model_path())
    start = time.monotonic()
    figures = evaluate(rows, understand)
    seconds = time.monotonic() - start
    print(_table(figures))
    print(json.dumps({"by": figures, "ms_each": round(1000 * seconds / max(1, len(rows)), 1)}))


if __name__ == "__main__":
    main()
