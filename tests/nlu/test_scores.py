"""What was reached on the shared measuring set stays reached. Figures: bench/README.md.

The set is not part of the project: without it there is nothing to measure. Its limits lie a little below the figures.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEASURING_SET = ROOT.parent / "shared" / "eval" / "nlu_dev.jsonl"
PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"
MOST_SPOKEN = ("en", "km", "vi", "zh-Hans")

pytestmark = pytest.mark.skipif(not MEASURING_SET.exists(), reason="the measuring set is not here")


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """Return the measures by group of messages."""
    command = [PYTHON, "-m", "nlu.evaluate", MEASURING_SET]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # invented messages
    found: dict[str, dict[str, Any]] = json.loads(run.stdout.splitlines()[-1])["by"]
    return found


@pytest.mark.parametrize(
    ("measure", "least"),
    [
        ("intent", 0.92),
        ("indicators", 0.85),
        ("province", 0.97),
        ("nationality", 0.90),
        ("people_count", 0.90),
        ("language", 0.95),
    ],
)
def test_all_languages_together(figures: dict[str, dict[str, Any]], measure: str, least: float) -> None:
    assert figures["all"][measure] >= least


@pytest.mark.parametrize("language", MOST_SPOKEN)
def test_the_most_spoken_languages(figures: dict[str, dict[str, Any]], language: str) -> None:
    assert figures[language]["intent"] >= 0.90
    assert figures[language]["indicators"] >= 0.77
