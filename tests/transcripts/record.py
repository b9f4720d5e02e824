"""Writes every transcript down anew: `uv run python -m tests.transcripts.record [LANGUAGE...]`.

The reporter's lines stay; what is said to them is what the program says now. Their words are put to the real NLU server
once, and what it answered is kept beside (understood.json), so that a test needs no server. Read the difference before
committing it.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from nlu.beside import Beside
from nlu.evaluate import answer_of
from tests.transcripts.conversation import Conversation, Recorded, answers_of, spoken
from tests.transcripts.written import FOLDER, Transcript, transcripts

_KEPT = ("text", "intent", "entities", "indicators", "language", "facts")
_LONGEST_START = timedelta(minutes=5)
"""It may have to be trained first."""
_OF_ENTITY = ("entity", "start", "end", "value")


async def main(languages: Sequence[str]) -> None:
    """Record the transcripts of these languages, or all."""
    found = [one for one in transcripts() if not languages or one.language in languages]
    server = Beside()
    server.start()
    try:
        if not await server.wait(_LONGEST_START):
            raise SystemExit("the NLU server does not answer")
        for language in sorted({one.language for one in found}):
            _understand(language, [one for one in found if one.language == language], server.url)
    finally:
        await server.stop()
    for one in found:
        await write(one)


async def write(one: Transcript) -> None:
    """Write one transcript with what is said now."""
    nlu = Recorded(answers_of(one.language))
    with tempfile.TemporaryDirectory() as folder, Conversation(Path(folder) / "a.sqlite", nlu) as conversation:
        lines = [line async for line in spoken(one, conversation)]
    one.path.write_text("\n".join(lines) + "\n", "utf-8")


def _understand(language: str, of: Sequence[Transcript], url: str) -> None:
    texts = sorted({line for one in of for line in one.lines if not line.startswith(("(", "["))})
    answers = {text: _kept(answer_of(url, text)) for text in texts}
    path = FOLDER / language / "understood.json"
    path.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _kept(answer: dict[str, Any]) -> dict[str, Any]:
    kept = {name: answer[name] for name in _KEPT if name in answer}
    kept["entities"] = [{name: entity.get(name) for name in _OF_ENTITY} for entity in kept.get("entities", [])]
    return kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*")
    asyncio.run(main(parser.parse_args().languages))
