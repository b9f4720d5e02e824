"""Opens a ticket's sealed part with a hotline's private key (`quietline open`)."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import regex
from pyrage import decrypt, x25519

from bot.errors import SettingsError

_HIDDEN = ("ticket_id", "part_id")

_UNPRINTABLE = regex.compile(r"[[\p{Cc}--[\n\t]][\u202a-\u202e\u2066-\u2069]]", regex.V1)
"""What steers a terminal, or turns around what stands on a line: a page that seals may have been anybody's."""
_LINE_END = regex.compile(r"\n|\u2028|\u2029")


def show(file: Path, key: Path, files: Path | None) -> Iterator[str]:
    """Give the lines that show a ticket: its summary, then each sealed part. What was written stands indented.

    Raises:
        SettingsError: The ticket or the key cannot be read, or not one part opens with it.
    """
    yield from map(_printable, _lines(file, key, files))


def _lines(file: Path, key: Path, files: Path | None) -> Iterator[str]:
    ticket = _ticket(file)
    identity = _identity(key)
    of = f"Ticket {ticket['ticket_id']}, revision {ticket['revision']}: {ticket['status']}, {ticket['urgency']}"
    yield _indented(of)
    yield from str(ticket.get("summary", {}).get("en", "")).splitlines()
    parts = (ticket.get("sealed") or {}).get("parts", [])
    here = [part for part in parts if part.get("content")]
    if here and all(_opened(part, identity) is None for part in here):
        raise SettingsError("no sealed part opens with this key")
    for part in parts:
        yield ""
        yield from _part(part, identity, files)


def _ticket(file: Path) -> Mapping[str, Any]:
    """Read a ticket, bare or inside the event that brought it."""
    try:
        held = json.loads(file.read_bytes())
        ticket = held.get("data", held)
        return {**ticket, "ticket_id": ticket["ticket_id"], "revision": ticket["revision"]}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise SettingsError("the file is no ticket that can be read") from None


def _identity(key: Path) -> x25519.Identity:
    try:
        lines = [line.strip() for line in key.read_text().splitlines()]
        return x25519.Identity.from_str(next(line for line in lines if line and not line.startswith("#")))
    except Exception:  # noqa: BLE001 - pyrage's own error may quote the key
        raise SettingsError("the key file holds no age key") from None


def _part(part: Mapping[str, Any], identity: x25519.Identity, files: Path | None) -> Iterator[str]:
    yield _indented(f"[{part['kind']}] {part['part_id']}")
    if part.get("content") is None:
        yield "  its content came in an event of its own, which this file does not hold"
        return
    opened = _opened(part, identity)
    if opened is None:
        yield "  does not open with this key, or holds nothing that we know"
        return
    for name, value in opened.items():
        if name == "file":
            yield from _file(value, str(part["part_id"]), files)
        elif name not in _HIDDEN:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield _indented(f"  {name}: {shown}")


def _opened(part: Mapping[str, Any], identity: x25519.Identity) -> dict[str, Any] | None:
    """Open a part; None: it was not sealed to this key, or by somebody who does not write as we do."""
    try:
        content = json.loads(decrypt(base64.b64decode(part["content"]), [identity]))
        if "file" in content:
            _content_of({**content["file"]})
    except Exception:  # noqa: BLE001 - pyrage has no public error for a wrong key
        return None
    return content if isinstance(content, dict) else None


def _content_of(held: Mapping[str, Any]) -> dict[str, bytes]:
    """Give a file's copy and its original, as far as they are there."""
    return {name: base64.b64decode(held[name]) for name in ("content", "original") if name in held}


def _indented(text: str) -> str:
    """Keep every line of what was written behind two blanks: none looks like one of ours."""
    return _LINE_END.sub("\n    ", text)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text.encode("utf-8", "replace").decode())


def _own_name(part_id: str) -> str | None:
    """Give a part's id as a file's name: a ticket may come from anywhere, and an id may be a path."""
    try:
        return str(UUID(part_id))
    except ValueError:
        return None


def _file(held: Mapping[str, str], part_id: str, files: Path | None) -> Iterator[str]:
    """Say what a file is; write it, and the original beside the copy without metadata, under our own name."""
    yield _indented(f"  file: {held.get('name', '')} ({held.get('media_type', '')})")
    own_name = _own_name(part_id)
    if files and own_name is None:
        yield "  is not written: its part has no id that can name a file"
    for name, data in _content_of(held).items():
        if files and own_name:
            path = files / f"{own_name}.{name}"
            files.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(data)
            yield f"  {name}: {len(data)} bytes written to {path.name}"
