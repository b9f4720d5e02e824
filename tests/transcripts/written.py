"""Transcripts as they are written down: plain text, the reporter's lines after `>`, a ticket's after `=`.

# What it is about.

> words as typed
> [yes]            a tapped choice, by its id
> (start)          the chat is opened; also (photo), (voice), (pin 11.08 106.17), (silence), (receipt)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_SAID = "> "


@dataclass(frozen=True)
class Transcript:
    """One conversation: its language, its name, what it is about, and the reporter's lines."""

    language: str
    name: str
    title: str
    lines: tuple[str, ...]
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")


def read(path: Path) -> Transcript:
    lines = path.read_text("utf-8").splitlines()
    title = next(line.removeprefix("# ") for line in lines if line.startswith("# "))
    said = tuple(line.removeprefix(_SAID) for line in lines if line.startswith(_SAID))
    return Transcript(path.parent.name, path.stem, title, said, path)


def transcripts() -> Sequence[Transcript]:
    return [read(path) for path in sorted(FOLDER.glob("*/*.txt"))]


def reply_lines(reply: Mapping[str, Any] | None) -> Iterator[str]:
    """Write what was said: `text` and `choices` as the web chat gives them."""
    if reply is None:
        return
    for line in str(reply["text"]).splitlines():
        yield f"  {line}".rstrip()
    for choice in reply["choices"]:
        yield f"    {choice['sign']} {choice['label']}"


def ticket_line(ticket: Mapping[str, Any]) -> str:
    """Write what a hotline sees of a ticket, in one line."""
    people, place = ticket["people"], ticket["location"]
    parts = [
        ticket["status"],
        ticket.get("withdrawal", ""),
        ticket["urgency"],
        ticket["reporter_role"],
        place["province"] or place["country"] or "",
        "moved" if place.get("moved") else "",
        people["count_band"],
        " ".join(people["nationalities"]),
        "minor" if people["minor"] == "yes" else "",
        " ".join(indicator["code"] for indicator in ticket["indicators"]),
        " ".join(ticket["restrictions"]),
        f"reply {ticket['contact']['window']}",
        "missing " + " ".join(ticket["actionability"]["missing"]),
    ]
    return "= " + " · ".join(part for part in parts if part)
