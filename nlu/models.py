"""Where the trained model lies: named by a hash of all that it is made from, so that a changed input trains anew."""

import hashlib
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
MODELS: Final = HERE / "models"

_INPUTS: Final = (
    "data/*/nlu.yml",
    "config.yml",
    "components/*.py",
    "e5/*.py",
    "e5/layers.npz",
    "clauses.py",
    "grams.py",
    "normal.py",
    "slips.py",
    "taxonomy.py",
    "train.py",
    "uv.lock",
)
"""Lexicons are read when the server starts and need no training."""


def model_path() -> Path:
    """Return where the model of the present inputs is, or will be once trained."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _INPUTS for path in HERE.glob(pattern)):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return MODELS / f"{digest.hexdigest()[:16]}.tar.gz"
