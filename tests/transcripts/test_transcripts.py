"""The golden conversations, in every language: what is said to them now is what was read and kept."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
import regex

from bot.i18n.languages import LANGUAGES
from storage.tables import replies as table
from tests.transcripts.conversation import Conversation, Recorded, answers_of, spoken
from tests.transcripts.written import Transcript, transcripts

TWELVE = {"en", "km", "zh-Hans", "vi"}
EACH = pytest.mark.parametrize("transcript", transcripts(), ids=lambda one: f"{one.language}-{one.name}")


def conversation(transcript: Transcript, folder: Path) -> Conversation:
    return Conversation(folder / "a.sqlite", Recorded(answers_of(transcript.language)))


@EACH
async def test_a_conversation_goes_as_it_was_kept(transcript: Transcript, tmp_path: Path) -> None:
    with conversation(transcript, tmp_path) as held:
        lines = [line async for line in spoken(transcript, held)]

    assert "\n".join(lines) + "\n" == transcript.text


def test_there_are_twelve_in_four_languages_and_three_in_every_other() -> None:
    counted = Counter(one.language for one in transcripts())
    assert not {code for code in LANGUAGES if counted[code] < (12 if code in TWELVE else 3)}


@pytest.mark.parametrize("language", ["en", "km", "zh-Hans", "zh-Hant", "vi"])
def test_one_message_of_place_number_nation_and_danger_is_complete_after_two_questions(language: str) -> None:
    (kept,) = [one for one in transcripts() if (one.language, one.name) == (language, "one_message")]
    third = [number for number, line in enumerate(kept.text.splitlines()) if line.startswith("> ")][3:4]
    said = "\n".join(kept.text.splitlines()[: third[0] if third else None])

    assert "= complete" in said


@EACH
async def test_silence_after_any_turn_gives_exactly_one_ticket_and_not_a_word(
    transcript: Transcript, tmp_path: Path
) -> None:
    with conversation(transcript, tmp_path) as held:
        for number, line in enumerate(transcript.lines):
            await held.take(line)
            copied = tmp_path / f"{number}.sqlite"
            _copy(tmp_path / "a.sqlite", copied)
            with Conversation(copied, Recorded({})) as quiet:
                _falls_silent_well(quiet)


def _copy(database: Path, to: Path) -> None:
    for suffix in ("", "-wal"):
        if Path(f"{database}{suffix}").exists():
            shutil.copy(f"{database}{suffix}", f"{to}{suffix}")


def _falls_silent_well(quiet: Conversation) -> None:
    said, filed = _said(quiet), quiet.tickets()
    fell = quiet.fall_silent()
    tickets = quiet.tickets()
    assert not quiet.fall_silent(), "silence files once"
    assert len(tickets) == len(filed) + fell
    assert not (fell and filed and filed[-1]["status"] != "withdrawn"), "what is filed is not filed again"
    assert _said(quiet) == said, "nothing is said"


def _said(quiet: Conversation) -> int:
    with quiet.store.engine.begin() as db:
        return len(db.execute(table.select()).all())


@EACH
async def test_no_reply_holds_what_the_reporter_wrote(transcript: Transcript, tmp_path: Path) -> None:
    """Word for word: five letters or more of theirs in a row that no sentence of ours holds anyway."""
    with conversation(transcript, tmp_path) as held:
        for line in transcript.lines:
            reply = await held.take(line)
            written = [] if line.startswith(("(", "[")) else _telling.findall(line)
            said = set(_word.findall(reply["text"].casefold())) if reply else set()
            assert not [word for word in written if word.casefold() in said]


_word = regex.compile(r"@?[\p{L}\p{M}\p{N}_]+")
_telling = regex.compile(r"[\p{N}]{3,}|@\w+|\w*\d\w*\d\w*")
"""Numbers, handles, plates and the like: words of a language are ours too."""
