"""What the page seals is kept as it is; what is no sealed part is refused with a plain word."""

import asyncio
import base64
import gzip
import json
import os
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import encrypt, x25519

from bot.channels.pulled import MAX_SEALED_BYTES
from bot.i18n.languages import LANGUAGES
from bot.interview.script import QUESTIONS
from bot.model.triage import IMMEDIATE
from bot.privacy.age import is_age_file
from bot.privacy.seal import padded
from bot.web.listening import listened_for
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


BEGUN_UPLOAD = (
    "POST /chat/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n"
    "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n--x\r\n"
)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


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


async def test_officials_that_the_page_heard_of_keep_a_ticket_from_them(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    await somebody.post(body(AN_AGE_FILE, dangers=["official_complicity"]))
    await somebody.choose("done")
    await eventually(lambda: hotline.tickets)
    (ticket,) = hotline.tickets.values()

    assert ticket["restrictions"] == ["not_local_authorities"]
    assert ticket["urgency"] == "soon"


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
async def test_sealed_words_and_pins_have_limits_of_their_own(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    for kind, pages, code in (("words", 120, 200), ("words", 130, 400), ("pin", 3, 200), ("pin", 4, 400)):
        content = bytes(encrypt(b" " * (4096 * pages), [KEY]))

        assert (await somebody.post(body(content, kind))).status_code == code, (kind, pages)


@ON_SQLITE
async def test_words_are_taken_while_all_room_for_files_is_held(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    async with AsyncExitStack() as slow:
        for _ in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            slow.push_async_callback(closed, writer)
            writer.write(BEGUN_UPLOAD.format(somebody.http.headers["authorization"], 30 << 20).encode())
            await writer.drain()
        await asyncio.sleep(0.5)

        assert (await asyncio.wait_for(somebody.say("they are moving us now"), 10))["replies"]


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
async def test_each_answer_says_which_question_waits_and_whether_its_answer_is_sealed(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    province = (await somebody.choose("yes"))["waits"]
    exact_place = (await somebody.choose("province:KH-18"))["waits"]
    meanwhile = [(await somebody.choose(wish))["waits"] for wish in ("language", "receipt")]
    ended = (await somebody.choose("stop"))["waits"]

    assert province == {"question": "ask_province", "seal": False}
    assert exact_place == {"question": "ask_exact_place", "seal": True}
    assert meanwhile == [exact_place] * 2, "none of these answers asks for a place, and it still waits"
    assert ended == {"question": None, "seal": False}


@ON_SQLITE
async def test_in_a_hidden_chat_nothing_waits(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    await somebody.choose("yes")
    await somebody.choose("province:KH-18")
    await somebody.choose("receipt")

    assert (await somebody.choose("hide"))["waits"] is None
    assert (await somebody.say("hello"))["waits"] is None


@ON_SQLITE
async def test_the_words_to_listen_for_are_given_in_every_language(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        arabic = (await http.get("/chat/words?language=ar")).json()
        both = (await http.get("/chat/words?language=th&language=ar")).json()
        unknown = (await http.get("/chat/words?language=zebra")).json()

    assert {"إيقاف", "stop"} & set(arabic["commands"])
    assert set(arabic["commands"]) < set(both["commands"])
    assert set(arabic["dangers"]) == IMMEDIATE | {"official_complicity"}
    assert all(arabic["dangers"].values())
    assert {"years old", "tuổi", "岁", "歲"} <= set(unknown["ages"]["after"])
    assert "អាយុ" in unknown["ages"]["before"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_words_to_listen_for_are_few_enough_for_a_slow_line(code: str) -> None:
    packed = gzip.compress(json.dumps(listened_for(code), ensure_ascii=False).encode())

    assert len(packed) < 30_000, "bytes: five seconds at 50 kbit/s"


def test_no_bytes_cost_more_than_one_look_at_each() -> None:
    """Each look of a regex without its possessive parts took a fifth of a second."""
    hostile = [
        b"age-encryption.org/v1\n" + piece * (8192 // len(piece)) for piece in (b"-> a", b"-> " + b"x" * 8189, b"A")
    ]

    assert not any(is_age_file(content) for content in hostile * 500)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(noise: bytes) -> None:
    assert not is_age_file(noise)
    assert not is_age_file(HEADER + noise)


@given(st.integers(1, 40), st.integers(1, 3))
def test_every_padded_age_file_is_known(pages: int, keys: int) -> None:
    to = [x25519.Identity.generate().to_public() for _ in range(keys)]

    assert is_age_file(encrypt(b" " * (4096 * pages), to))
