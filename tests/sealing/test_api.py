"""What the page seals is kept as it is; what is no sealed part is refused with a plain word."""

import base64
import json
import os
import uuid
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt, x25519

from bot.channels.pulled import MAX_SEALED_BYTES
from bot.interview.script import QUESTIONS
from bot.privacy.age import is_age_file
from bot.privacy.seal import padded
from bot.web.sealed import is_sealed_in_page
from tests.fakes.hotline import FakeHotline
from tests.running import Running, WebReporter, eventually
from tests.stores import ON_SQLITE

KEY = x25519.Identity.generate().to_public()
WORDS = {"kind": "words", "at": "2026-11-27T10:00Z", "channel": "web", "text": "Kingfisher-77"}


def sealed(content: dict[str, Any], to: Any = KEY) -> bytes:
    return bytes(encrypt(padded(content), [to]))


AN_AGE_FILE = sealed(WORDS)


def body(content: bytes, kind: str = "words", **more: Any) -> dict[str, Any]:
    return {"sealed": {"kind": kind, "content": base64.b64encode(content).decode(), **more}}


async def send_sealed(somebody: WebReporter, kind: str, content: bytes) -> httpx.Response:
    form = {"id": str(uuid.uuid4()), "sealed": kind}
    return await somebody.http.post("/chat/attachments", data=form, files={"file": ("sealed", content)})


async def test_sealed_parts_reach_the_hotline_byte_for_byte(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    key = hotline.identity.to_public()
    words, pin, film = (sealed({**WORDS, "kind": kind}, key) for kind in ("words", "pin", "video"))
    await somebody.choose("yes")
    await somebody.post(body(words))
    await somebody.post(body(pin, "pin"))
    await send_sealed(somebody, "video", film)
    await somebody.choose("done")
    ticket = await eventually(lambda: next((t for t in hotline.tickets.values() if "video" in t["evidence"]), None))
    listed = {part["kind"]: part for part in ticket["sealed"]["parts"]}

    assert [base64.b64decode(listed[kind]["content"]) for kind in ("words", "pin")] == [words, pin]
    assert {part["text"] for part in hotline.opened(ticket)} == {"Kingfisher-77"}
    assert ticket["evidence"] == {"words": 1, "pin": 1, "video": 1}
    assert "exact_place" in ticket["actionability"]["present"]
    assert ticket["location"]["province"] is None, "a sealed pin tells no province"


async def test_dangers_that_the_page_found_make_it_urgent(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    said = (await somebody.post(body(AN_AGE_FILE, dangers=["self_harm_risk", "child_involved"]))).json()
    await eventually(lambda: hotline.tickets)
    (ticket,) = hotline.tickets.values()

    assert ticket["urgency_reasons"] == ["child_involved", "self_harm_risk"]
    assert ticket["people"]["minor"] == "yes"
    assert said["replies"][0]["text"]


HEADER = AN_AGE_FILE[: AN_AGE_FILE.index(b"\n---")]
NO_AGE_FILES = {
    "nothing": b"",
    "words": b"Kingfisher-77" * 400,
    "only a header": AN_AGE_FILE[:200],
    "one byte less": AN_AGE_FILE[:-1],
    "one byte more": AN_AGE_FILE + b"x",
    "of another version": AN_AGE_FILE.replace(b"/v1", b"/v2", 1),
    "for no key": AN_AGE_FILE.replace(b"-> X25519 ", b"-> scrypt ", 1),
    "armoured": b"-----BEGIN AGE ENCRYPTED FILE-----\n" + base64.b64encode(AN_AGE_FILE),
    "not padded": bytes(encrypt(b"x" * 100, [KEY])),
    "empty inside": bytes(encrypt(b"", [KEY])),
    "a header without end": b"age-encryption.org/v1\n" + b"-> X25519 a\n\n" * 10_000,
}


@ON_SQLITE
async def test_what_is_no_sealed_part_is_refused(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    for why, content in NO_AGE_FILES.items():
        for answer in (await somebody.post(body(content)), await send_sealed(somebody, "photo", content)):
            assert answer.status_code == 400, why
            assert set(answer.json()) == {"error"}, why
            assert "Kingfisher" not in answer.text, why


REFUSED: Sequence[object] = (
    None,
    "words",
    [],
    {},
    {"kind": "words"},
    {"kind": "words", "content": 7},
    {"kind": "words", "content": "no base64!"},
    {"kind": "words", "content": "\ud83d"},
    body(AN_AGE_FILE, "photo")["sealed"],
    body(AN_AGE_FILE, "contact")["sealed"],
    body(AN_AGE_FILE, "zebra")["sealed"],
    body(AN_AGE_FILE, dangers="self_harm_risk")["sealed"],
    body(AN_AGE_FILE, dangers=["zebra"])["sealed"],
    body(AN_AGE_FILE, dangers=[["self_harm_risk"]])["sealed"],
)


@ON_SQLITE
async def test_a_malformed_sealed_message_is_refused(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    for number, held in enumerate(REFUSED):
        answer = await somebody.post({"sealed": held})
        assert answer.status_code == 400, number
    for kind in ("words", "pin", "contact", "zebra", ""):
        assert (await send_sealed(somebody, kind, AN_AGE_FILE)).status_code == 400, kind


@ON_SQLITE
async def test_a_sealed_file_over_the_limit_is_refused_in_the_reporters_language(service: Running) -> None:
    somebody = await WebReporter(service.url, language="vi").begin()
    answer = await send_sealed(somebody, "video", os.urandom(MAX_SEALED_BYTES + 1))

    assert answer.status_code == 413
    assert "20 MB" in answer.json()["replies"][0]["text"]


@ON_SQLITE
async def test_a_file_in_clear_may_still_be_no_larger_than_20_mb(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()

    assert (await somebody.send_file("v.mp4", b"\0" * (21 * 1024 * 1024), "video/mp4")).status_code == 413


@pytest.mark.parametrize("question", QUESTIONS)
def test_words_are_sealed_in_the_page_where_a_name_or_an_exact_place_is_asked_for(question: str) -> None:
    asked = {"ask_exact_place", "ask_last_place", "ask_identity"}

    assert is_sealed_in_page(question) is (question in asked)
    assert is_sealed_in_page(None) is False


@ON_SQLITE
async def test_each_reply_says_whether_the_answer_to_it_is_sealed(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    first = somebody.first[-1]["seal"]
    province = (await somebody.choose("yes"))["replies"][-1]["seal"]
    exact_place = (await somebody.choose("province:KH-18"))["replies"][-1]

    assert (first, province) == (False, False)
    assert (exact_place["question"], exact_place["seal"]) == ("ask_exact_place", True)


@ON_SQLITE
async def test_the_words_to_listen_for_are_given_in_every_language(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        khmer = (await http.get("/chat/words?language=km")).json()
        unknown = (await http.get("/chat/words?language=zebra")).json()

    assert {"ឈប់", "stop"} <= set(khmer["commands"])
    assert "ឈប់" not in unknown["commands"]
    assert set(khmer["dangers"]) == {"imminent_danger", "self_harm_risk", "child_involved", "medical_need"}
    assert all(khmer["dangers"].values())
    assert len(json.dumps(unknown)) < 10_000, "bytes for a slow line"


@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(noise: bytes) -> None:
    assert not is_age_file(noise)
    assert not is_age_file(HEADER + noise)


@given(st.integers(1, 40), st.integers(1, 3))
def test_every_padded_age_file_is_known(pages: int, keys: int) -> None:
    to = [x25519.Identity.generate().to_public() for _ in range(keys)]

    assert is_age_file(encrypt(b" " * (4096 * pages), to))
