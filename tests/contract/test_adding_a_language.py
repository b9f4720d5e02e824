"""A language is added by data alone: a row, a catalogue, words for receipts, words for the lexicon. No Python."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.i18n.languages import FOLDER

ROOT = FOLDER.parent
_LEFT = shutil.ignore_patterns(".venv", "models", "__pycache__", "*.npz", "transcripts")
ROW = """
[mn]
own_name = "Монгол"
catalogue = "mn"
territories = "mn"
direction = "ltr"
emergency = "117"
loud = ["цагдаа", "хохирогч"]
embassies = []
reviewed_by = []
"""
WORDS = {"stop": "зогс", "erase": "устга", "skip": "алгас", "done": "болсон", "receipt": "үгс", "hide": "нуу"}
ASKED = """
from bot.i18n.catalogue import catalogue_of
from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.model.message import Chosen
from tests.interview.talking import SESSION
outcome = advance(SESSION, Heard(Chosen("language:mn")))
print(catalogue_of(outcome.session.language).reply(outcome.say).text)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's own files, with Mongolian added to its data."""
    for name in ("bot", "desk", "storage", "nlu", "locales", "tests", "bench"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=_LEFT)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "locales" / "languages.toml").open("a", encoding="utf-8") as table:
        table.write(ROW)
    _catalogue(tmp_path / "locales")
    lexicon = tmp_path / "nlu" / "data" / "mn" / "lexicon.toml"
    lexicon.parent.mkdir()
    lexicon.write_text("[command]\n" + "".join(f'{wish} = ["{word}"]\n' for wish, word in WORDS.items()), "utf-8")
    return tmp_path


def _catalogue(locales: Path) -> None:
    """English with other words for what is typed, and a mark at the first question."""
    to = locales / "mn" / "LC_MESSAGES"
    to.mkdir(parents=True)
    shutil.copy(locales / "ko" / "words.txt" if (locales / "ko").exists() else locales / "km" / "words.txt", to.parent)
    text = (locales / "en" / "LC_MESSAGES" / "quietline.po").read_text("utf-8").replace("Language: en", "Language: mn")
    for wish, word in WORDS.items():
        head, _, tail = text.partition(f'msgid "label.{wish}"\nmsgstr "')
        text = f'{head}msgid "label.{wish}"\nmsgstr "{word}"{tail.partition(chr(34))[2]}'
    text = text.replace('msgstr "Is it safe for you to write now?"', 'msgstr "Одоо бичихэд аюулгүй юу?"')
    (to / "quietline.po").write_text(text, "utf-8")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_a_language_added_to_the_data_is_spoken_and_passes_the_contract(copy: Path) -> None:
    spoken = run("-c", ASKED, folder=copy)
    contract = run("-m", "pytest", "-q", "-k", "mn", "tests/contract/test_catalogues.py", folder=copy)

    assert "Одоо бичихэд аюулгүй юу?" in spoken.stdout, spoken.stderr[-2000:]
    assert contract.returncode == 0, contract.stdout[-3000:]
    assert "passed" in contract.stdout
