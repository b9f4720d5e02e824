"""Trains the model: `uv run --project nlu python -m nlu.train` from the repository root.

Writes nlu/models/<hash of the inputs>.tar.gz and does nothing if it is there. Takes about four minutes on two cores.
"""

import argparse
import contextlib
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from nlu.e5 import vectors
from nlu.models import HERE, model_path


def train(data: Path, target: Path) -> None:
    """Train Rasa on `data` (a folder with <language>/nlu.yml) and put the archive at `target`, whole or not at all."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["RASA_CACHE_DIRECTORY"] = scratch
        os.environ["RASA_MAX_CACHE_SIZE"] = "0"
        import nlu.components.quiet  # noqa: F401, I001, PLC0415  first: it prepares for Rasa
        from rasa.model_training import train_nlu  # noqa: PLC0415

        _show_steps()
        _read(data)
        with contextlib.redirect_stdout(sys.stderr):
            made = train_nlu(str(HERE / "config.yml"), str(data), scratch, fixed_model_name="model")
        if not made:
            raise SystemExit("no training data")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(Path(made).read_bytes())
        part.replace(target)


def _read(data: Path) -> None:
    """Have every utterance's sentence vector at hand: from the file beside it, or read now and kept there."""
    from nlu.e5.encoder import shared, spelled  # noqa: PLC0415  after Rasa is prepared for
    from nlu.slips import utterances  # noqa: PLC0415

    spellings: dict[str, dict[str, str]] = {}
    for example in utterances(data):
        spellings.setdefault(example.language, {})[example.text] = spelled(example.text)
    known: dict[str, Any] = {}
    shared().remember(known)
    for language, ours in spellings.items():
        kept = vectors.load(data / language, ours.values())
        known.update({text: kept[spelling] for text, spelling in ours.items() if spelling in kept})
        if len(kept) < len(set(ours.values())):
            shared().encode(list(ours))
            vectors.save(data / language, {spelling: known[text] for text, spelling in ours.items()})


def _show_steps() -> None:
    """Let Rasa say which step it begins; nothing else of its log is shown."""
    steps = logging.getLogger("rasa.engine.training.hooks")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("nlu: %(message)s"))
    steps.addHandler(handler)
    steps.setLevel(logging.INFO)
    steps.propagate = False


def main() -> None:
    """Train if needed, showing how far it is; print the model's path as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if the model is there")
    options = parser.parse_args()
    target = model_path()
    if options.force or not target.exists():
        start = time.monotonic()
        print("nlu: training, about four minutes", file=sys.stderr, flush=True)
        train(HERE / "data", target)
        print(f"nlu: trained in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(target)


if __name__ == "__main__":
    main()
