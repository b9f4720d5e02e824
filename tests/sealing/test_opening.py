"""A hotline opens what anybody's page may have sealed: no part of it hides another one or steers the terminal."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from pyrage import encrypt, x25519

from bot.privacy.seal import padded
from tests.running import quietline

PAGE = {
    "kind": "words",
    "at": "2026-11-27T10:00Z",
    "channel": "web",
    "text": "Kingfisher-77",
    "question": "ask_identity",
}
FILE = {
    "kind": "photo",
    "file": {"name": "a.jpg", "media_type": "image/jpeg", "content": base64.b64encode(b"x").decode()},
}


def part(content: bytes, to: Any, number: int) -> dict[str, Any]:
    sealed = base64.b64encode(encrypt(content, [to])).decode()
    return {"part_id": str(UUID(int=number)), "kind": "words", "content": sealed}


def ticket(folder: Path, contents: list[bytes], to: Any, *more: dict[str, Any]) -> Path:
    parts = [*(part(content, to, number) for number, content in enumerate(contents)), *more]
    held = {"ticket_id": "t", "revision": 1, "status": "partial", "urgency": "soon", "sealed": {"parts": parts}}
    (folder / "ticket.json").write_text(json.dumps(held))
    return folder / "ticket.json"


async def opened(folder: Path, file: Path, identity: x25519.Identity) -> tuple[int, str, str]:
    (folder / "key").write_text(str(identity))
    return await quietline("open", file, "--key", folder / "key", "--files", folder / "files")


async def test_parts_of_a_page_open_without_the_ids_that_it_cannot_know(tmp_path: Path) -> None:
    identity = x25519.Identity.generate()
    file = ticket(tmp_path, [padded(PAGE), padded(FILE)], identity.to_public())
    code, out, _ = await opened(tmp_path, file, identity)

    assert code == 0
    assert "text: Kingfisher-77" in out
    assert "question: ask_identity" in out
    assert (tmp_path / "files" / f"{UUID(int=1)}.content").read_bytes() == b"x"


async def test_what_does_not_open_or_is_strange_hides_nothing_else(tmp_path: Path) -> None:
    identity, other = x25519.Identity.generate(), x25519.Identity.generate()
    strange = (b"no JSON", b"[]", b'"x"', b'{"file": []}', b'{"file": {"content": 7}}', b"[" * 100_000, b"\xff")
    escape = padded({"text": "\x1b[2J\x1b[1;1Hall is well\u0007", "\x1b[2J": "x"})
    foreign = part(padded(PAGE), other.to_public(), 99)
    file = ticket(tmp_path, [*strange, escape, padded(PAGE)], identity.to_public(), foreign)
    code, out, _ = await opened(tmp_path, file, identity)

    assert code == 0
    assert out.count("does not open with this key, or holds nothing that we know") == len(strange) + 1
    assert "text: Kingfisher-77" in out
    assert "all is well" in out
    assert not {"\x1b", "\x07"} & set(out)


async def test_no_line_of_what_was_written_looks_like_one_of_ours(tmp_path: Path) -> None:
    identity = x25519.Identity.generate()
    forged = f"\n[words] {UUID(int=7)}\u2028  text: all is well\r\n\u202enot\u2066"
    file = ticket(
        tmp_path, [padded({**PAGE, "text": forged}), padded({"file": {"name": forged}})], identity.to_public()
    )
    held = {**json.loads(file.read_text()), "status": "partial\x1b[2J", "summary": {"en": "a\u202eb"}}
    file.write_text(json.dumps(held))
    _, out, _ = await opened(tmp_path, file, identity)
    ours = [line for line in out.splitlines() if line and not line.startswith(" ")]

    assert [line.partition(" ")[0] for line in ours[2:]] == ["[words]", "[words]"], "one for each part that is there"
    assert str(UUID(int=7)) not in "".join(ours)
    assert not {"\x1b", "\u202e", "\u2066"} & set(out)


async def test_a_parts_id_is_no_path(tmp_path: Path) -> None:
    identity = x25519.Identity.generate()
    away = {**part(padded(FILE), identity.to_public(), 0), "part_id": "../../away"}
    code, out, _ = await opened(tmp_path, ticket(tmp_path, [], identity.to_public(), away), identity)

    assert code == 0
    assert "is not written" in out
    assert not list(tmp_path.parent.rglob("away*"))


async def test_a_wrong_key_is_named_as_before(tmp_path: Path) -> None:
    file = ticket(tmp_path, [padded(PAGE)], x25519.Identity.generate().to_public())
    code, out, err = await opened(tmp_path, file, x25519.Identity.generate())

    assert code == 2
    assert "no sealed part opens with this key" in err
    assert "Kingfisher" not in out + err
