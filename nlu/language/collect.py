"""Writes words.toml: what tells languages in Latin letters apart, counted in the training data.

`uv run --project nlu python -m nlu.language.collect` from the repository root. A word is a language's own if it is
typed there at least three times and hardly more often anywhere else.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import regex

from nlu.check_data import examples
from nlu.lexicon.words import DATA
from nlu.normal import normalise

_TARGET: Final = Path(__file__).resolve().parent / "words.toml"
_WORD: Final = regex.compile(r"[\p{Latin}']+")
_OTHER_SCRIPT: Final = regex.compile(r"(?!\p{Latin})\p{L}")
_WRITTEN_ALIKE: Final = {"ur": "hi"}
"""In Latin letters Urdu and Hindi are one."""
_LEAST: Final = 3
_SHARE: Final = 0.4
_LEAST_UTTERANCES: Final = 60
_MOST_WORDS: Final = 600
_HEAD: Final = """# What tells languages in Latin letters apart, also romanised Khmer and Hindi, and plain Vietnamese.
# Written by nlu/language/collect.py from the training data.
"""


def collect() -> dict[str, list[str]]:
    """Return the own words of each language that has utterances in Latin letters, the most frequent first."""
    shares = {language: _shares(texts) for language, texts in _latin_texts().items()}
    highest = Counter[str]()
    for share in shares.values():
        highest |= share  # type: ignore[operator]  a Counter of shares
    return {language: _own(share, highest) for language, share in shares.items()}


def _latin_texts() -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for example in examples(DATA):
        if not _OTHER_SCRIPT.search(example.text):
            texts.setdefault(_WRITTEN_ALIKE.get(example.language, example.language), []).append(
                normalise(example.text).plain
            )
    return {language: found for language, found in texts.items() if len(found) >= _LEAST_UTTERANCES}


def _shares(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word stands among 1,000 words."""
    counts = Counter(word.replace("'", "") for text in texts for word in _WORD.findall(text))
    total = counts.total()
    return Counter({word: 1000 * count / total for word, count in counts.items() if count >= _LEAST})  # type: ignore[misc]


def _own(share: Counter[str], highest: Counter[str]) -> list[str]:
    return [word for word, value in share.most_common() if word and value >= _SHARE * highest[word]][:_MOST_WORDS]


def main() -> None:
    """Write the file."""
    tables = (f'{language} = """\n{_wrapped(sorted(words))}"""\n' for language, words in sorted(collect().items()))
    _TARGET.write_text(_HEAD + "".join(tables), encoding="utf-8")


def _wrapped(words: list[str]) -> str:
    return "".join(" ".join(words[start : start + 16]) + "\n" for start in range(0, len(words), 16))


if __name__ == "__main__":
    main()
