"""Every golden conversation once more, all side by side, with a service that is killed after each turn of theirs."""

import asyncio
import base64
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.running import Running, WebReporter, eventually
from tests.transcripts.conversation import answers_of, message_of
from tests.transcripts.written import Transcript, reply_lines, ticket_line, transcripts

SPECIAL = ("(silence)", "(another phone)", "(receipt)")
"""Lines that no killed service takes in this test: they need a clock, or words that are other words each time."""
AT_ONCE = 8


class Somebody:
    """One reporter of one transcript, as far as it goes without the lines left out."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.lines = list(itertools.takewhile(lambda line: line not in SPECIAL, transcript.lines))
        self.expected = list(_replies(transcript))[: len(self.lines)]
        self.web: WebReporter | None = None
        self.wrong: list[int] = []

    async def turn(self, number: int, url: str) -> None:
        if number >= len(self.lines):
            return
        web = self.web = self.web or await _begun(url)
        said = await _sent(web, self.lines[number])
        replies = said["replies"]
        found = list(reply_lines(replies[0] if replies else None))
        if not _same(found, self.expected[number]):
            self.wrong.append(number)


def _replies(transcript: Transcript) -> Iterator[list[str]]:
    """Give what the kept text says to each line."""
    said: list[str] | None = None
    for line in transcript.text.splitlines():
        if line.startswith("> "):
            if said is not None:
                yield said
            said = []
        elif said is not None and not line.startswith("="):
            said.append(line)
    yield said or []


def _same(found: Sequence[str], kept: Sequence[str]) -> bool:
    """Compare without blank lines; a receipt's words are other words each time."""
    lines = [line for line in kept if line.strip()]
    others = [line for line in found if line.strip()]
    return len(lines) == len(others) and all(a == b or "(eight words)" in a for a, b in zip(lines, others, strict=True))


async def _begun(url: str) -> WebReporter:
    """Open a chat whose page was opened in no language that we speak, as the kept ones were."""
    answer = WebReporter(url, "xx")
    return await answer.begin()


async def _sent(web: WebReporter, line: str) -> Mapping[str, Any]:
    match message_of(line, receipt=""):
        case {"file": {"name": name, "media_type": media_type, "content": content}}:
            answer = await web.send_file(name, base64.b64decode(content), media_type)
        case {**message} if message:
            answer = await web.post(message)
        case _:
            return {"replies": web.first}
    assert answer.status_code == 200
    found: Mapping[str, Any] = answer.json()
    return found


async def test_a_kill_after_every_turn_changes_no_word_and_loses_no_ticket(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline, fake_nlu: FakeNlu
) -> None:
    kept = transcripts()
    fake_nlu.answers = {
        text: answer for language in {one.language for one in kept} for text, answer in answers_of(language).items()
    }
    everybody = [Somebody(one) for one in kept]
    service = Running(tmp_path / "state", **{**to_hotline, "nlu_url": fake_nlu.url, "silence_seconds": "3600"})
    limit = asyncio.Semaphore(AT_ONCE)
    for number in range(max(len(one.lines) for one in everybody)):
        await service.start()
        await asyncio.gather(*(_within(limit, one.turn(number, service.url)) for one in everybody))
        await service.kill()
    await service.start()
    tickets = sorted(_tickets(kept))
    await eventually(lambda: sorted(ticket_line(ticket) for ticket in hotline.tickets.values()) == tickets)
    await service.stop()

    assert {f"{one.transcript.language}/{one.transcript.name}": one.wrong for one in everybody if one.wrong} == {}
    assert hotline.faults == []


async def _within(limit: asyncio.Semaphore, work: Any) -> None:
    async with limit:
        await work


def _tickets(kept: Sequence[Transcript]) -> Iterator[str]:
    """Give the last ticket of each kept text, before the first line that this test leaves out."""
    for transcript in kept:
        last = None
        for line in transcript.text.splitlines():
            if line.removeprefix("> ") in SPECIAL:
                break
            last = line if line.startswith("=") else last
        if last:
            yield last
