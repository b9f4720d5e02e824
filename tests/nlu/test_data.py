"""The data that ships, and the checks and measures that run over it."""

from pathlib import Path

import pytest

from nlu.check_data import Example, check_examples, check_lexicons
from nlu.evaluate import evaluate
from nlu.lexicon import LexiconError, load, shipped
from nlu.lexicon.words import DATA
from nlu.models import model_path
from nlu.understanding import Indicator, Understanding

PROBLEMS = [
    (Example("en", "dance", "x", ()), "intent not in the taxonomy"),
    (Example("en", "greet", "x", ("happiness",)), "indicator happiness not in the taxonomy"),
    (Example("en", "greet", "in [bavet](town)", ()), "entity town not in the taxonomy"),
    (Example("en", "greet", "in [bavet (place)", ()), "bracket without its other half"),
    (Example("en", "greet", "in [bavet ](place)", ()), "blank at the end of an entity"),
]


@pytest.mark.parametrize(("example", "problem"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_a_wrong_example_is_found(example: Example, problem: str) -> None:
    assert any(problem in finding for finding in check_examples([example]))


def test_a_duplicate_is_found_whatever_its_case() -> None:
    twice = [Example("en", "greet", "Hello", ()), Example("en", "thank", "hello", ())]

    assert any("twice" in finding for finding in check_examples(twice))


def test_a_name_in_two_provinces_is_found(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "lexicon.toml").write_text(
        '[place]\n"KH-1" = ["Bavet"]\n"KH-20" = ["bavet"]\n', encoding="utf-8"
    )

    assert any("means ['KH-1', 'KH-20']" in finding for finding in check_lexicons(tmp_path))


BROKEN = ["[place", "place = 3", '[place]\n"KH-1" = "bavet"', '[number]\none = "1"']


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_lexicon_is_told_at_once(content: str, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "lexicon.toml").write_text(content, encoding="utf-8")

    with pytest.raises(LexiconError):
        load(tmp_path)


def test_the_shipped_lexicons_load() -> None:
    assert shipped() is shipped()
    assert list(DATA.glob("*/cues.toml"))


def test_the_models_name_follows_its_inputs() -> None:
    assert model_path() == model_path()
    assert model_path().name.endswith(".tar.gz")


def test_the_measures_count_what_is_right() -> None:
    rows = [
        {"lang": "en", "text": "a", "intent": "greet", "indicators": ["isolation"], "slots": {"province": "KH-1"}},
        {"lang": "de", "text": "b", "intent": "thank", "indicators": [], "slots": {}},
    ]
    said = {
        "a": Understanding("en", "greet", 1.0, (Indicator("isolation", 1.0), Indicator("deception", 1.0)), (), "KH-2"),
        "b": Understanding("und", "greet"),
    }

    figures = evaluate(rows, said.__getitem__)

    assert figures["ours"] == figures["en"]
    assert figures["en"]["indicators"] == pytest.approx(0.667)
    assert (figures["en"]["province"], figures["en"]["ages"]) == (0.0, None)
    assert (figures["all"]["intent"], figures["all"]["language"]) == (0.5, 1.0)
