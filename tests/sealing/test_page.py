"""A report typed in a real browser: names, places and files reach the hotline, and nobody on the way reads them."""

import base64
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Route, expect

from bot.i18n.catalogue import catalogue_of
from tests.fakes.hotline import FakeHotline
from tests.fakes.pages import pages
from tests.fakes.wire import Wire, traces
from tests.privacy.test_canary import files_below, spellings
from tests.running import Running, eventually
from tests.sealing.conftest import DATA_KEY
from tests.sealing.visiting import HERE, at_the_exact_place, visit

pytestmark = pytest.mark.browser
TOLD = "my brother went to Bavet"
PLACE = "Kingfisher-77 tower, ឡាក់គី 508"
NAME = "Nguyễn Thị Quỳnh, 24, scar on the left hand \U0001f98b"
CAMERA = "Zebrafinch-Phone 12"
FILE_NAME = "Flamingo-room-9.jpg"
MARKS = (PLACE, "Kingfisher-77", "ឡាក់គី", NAME, "Quỳnh", CAMERA, FILE_NAME, "11.074153", "106.174261")


def photo(side: int = 2400) -> bytes:
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x0110] = CAMERA
    Image.effect_noise((side, side // 2), 60).convert("RGB").save(held, "JPEG", exif=exif, quality=60)
    return held.getvalue()


def marks() -> Iterable[bytes]:
    """Every way in which what was written could have leaked."""
    return {spelling for mark in MARKS for spelling in spellings(mark)}


async def the_parts(hotline: FakeHotline, kinds: set[str]) -> list[dict[str, Any]]:
    """Wait for a ticket whose sealed parts are of these kinds, and open it."""

    def opened() -> list[dict[str, Any]]:
        for ticket in hotline.tickets.values():
            if {part["kind"] for part in (ticket["sealed"] or {"parts": []})["parts"]} >= kinds:
                return hotline.opened(ticket)
        return []

    found: list[dict[str, Any]] = await eventually(opened)
    return found


async def test_a_name_a_place_a_pin_and_a_photo_are_read_by_the_hotline_alone(
    sealing: Running, wire: Wire, hotline: FakeHotline, browser: Browser, tmp_path: Path
) -> None:
    somebody, evidence = await visit(browser, wire), photo()
    await somebody.tap("yes")
    await somebody.say(TOLD)
    assert "We cannot read it" in await somebody.locked()
    await somebody.say(PLACE)
    await somebody.tap("role:relative")
    await somebody.say(NAME)
    await somebody.pin()
    await somebody.send(FILE_NAME, "image/jpeg", evidence)
    await somebody.say("done")
    opened = await the_parts(hotline, {"words", "pin", "photo"})
    metrics = (await sealing.metrics()).encode()
    await sealing.kill()  # nothing is tidied up before it is looked at

    by_kind = {part["kind"]: part for part in opened}
    words = [part for part in opened if part["kind"] == "words"]
    assert {part["text"] for part in words} >= {TOLD, PLACE, NAME}
    assert {part.get("question") for part in words} >= {"ask_exact_place", "ask_identity"}
    assert by_kind["pin"]["location"] == {"lat": HERE["latitude"], "lon": HERE["longitude"], "accuracy_m": 12}
    file = by_kind["photo"]["file"]
    copy = base64.b64decode(file["content"])
    assert base64.b64decode(file["original"]) == evidence
    assert (file["name"], file["media_type"]) == (FILE_NAME, "image/jpeg")
    assert Image.open(io.BytesIO(copy)).size == (1600, 800)
    assert CAMERA.encode() not in copy

    in_clear = list(pages(tmp_path / "state" / "quietline.sqlite", DATA_KEY))
    kept = [path.read_bytes() for path in files_below(tmp_path / "state")]
    assert traces([bytes(wire.sent)], [TOLD.encode()]), "whoever listens hears what goes in clear"
    assert traces(in_clear, [b"ask_exact_place"]), "this reader finds what is there"
    assert traces([bytes(wire.sent), *in_clear, *kept, sealing.log.read_bytes(), metrics], marks()) == []
    assert traces(hotline.bodies, marks()) == []


def library(body: bytes | None) -> Any:
    async def answer(route: Route) -> None:
        if body is None:
            await route.abort()
        else:
            await route.fulfill(body=body, content_type="text/javascript")

    return answer


ALTERED = b"var age = { Encrypter: class { addRecipient() {} encrypt(plain) { return plain; } } };"
UNABLE = {
    "the library does not come": ("**/static/age.js", None, ""),
    "somebody altered the library": ("**/static/age.js", ALTERED, ""),
    "the words to listen for do not come": ("**/chat/words*", None, ""),
    "the browser has no big numbers": ("**/nowhere", None, "delete window.BigInt"),
    "the browser has no randomness": ("**/nowhere", None, "delete Crypto.prototype.getRandomValues"),
}


async def test_a_page_that_cannot_seal_says_so_and_still_delivers(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    for number, (why, (address, body, before)) in enumerate(UNABLE.items()):
        somebody = await visit(browser, wire, before)
        await somebody.page.context.route(address, library(body))
        await at_the_exact_place(somebody)
        told = await somebody.locked()
        await somebody.say(f"Kingfisher-77, floor {number}")
        await somebody.pin()
        await somebody.say("done")
        await eventually(lambda floor=f"Kingfisher-77, floor {number}": floor in hotline.all_words)

        assert told == catalogue_of("en").word("web.seal_cannot"), why
        assert await somebody.page.locator(".note", has_text="cannot lock").count() == 1, f"{why}: said once"
        assert await somebody.page.locator(".bubble.locked").count() == 0, why
        assert traces([bytes(wire.sent)], [f"Kingfisher-77, floor {number}".encode()]), why


OF_2021 = """
for (const [holder, names] of [
  [window, ["TransformStream", "structuredClone", "CompressionStream"]],
  [Object, ["hasOwn", "groupBy"]],
  [Promise, ["try", "withResolvers"]],
  [Array.prototype, ["at", "findLast", "toSorted"]],
  [String.prototype, ["at", "isWellFormed", "toWellFormed"]],
  [Uint8Array.prototype, ["at", "toHex", "toBase64"]],
  [Uint8Array, ["fromHex", "fromBase64"]],
  [ReadableStream.prototype, ["pipeThrough", "pipeTo"]],
  [ReadableStream, ["from"]],
  [Crypto.prototype, ["subtle", "randomUUID"]],
]) for (const name of names) delete holder[name];
"""
"""What the browsers of 2021, or one of them, did not have; and WebCrypto, which a page without TLS has not."""


async def test_it_seals_with_what_browsers_had_in_2021(wire: Wire, hotline: FakeHotline, browser: Browser) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire, OF_2021))
    assert await somebody.page.evaluate("!crypto.subtle && !window.TransformStream && !Object.hasOwn")
    await somebody.locked()
    await somebody.say(PLACE)
    await somebody.say("done")
    opened = await the_parts(hotline, {"words"})

    assert PLACE in [part.get("text") for part in opened]
    assert traces([bytes(wire.sent)], marks()) == []


STEERING = {"0": "passed on as urgent", "០": "passed on as urgent", "skip it": "", "Danger now or soon": "urgent"}


async def test_what_steers_us_is_understood_at_a_question_that_is_sealed(wire: Wire, browser: Browser) -> None:
    for typed, answer in STEERING.items():
        somebody = await at_the_exact_place(await visit(browser, wire))
        await somebody.locked()

        assert answer in await somebody.say(typed), typed
        assert await somebody.page.locator(".bubble.locked").count() == 0, typed


async def test_who_wishes_to_erase_in_other_words_than_ours_is_understood_there_too(
    wire: Wire, browser: Browser
) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire))
    await somebody.page.fill("#text", "Delete everything")
    await somebody.page.click("#send")
    await expect(somebody.page.locator(".bubble")).to_have_count(1)

    assert "Deleted" in await somebody.page.inner_text(".bubble")


async def test_danger_in_sealed_words_is_answered_and_only_its_code_is_told(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire))
    said = await somebody.say("Kingfisher-77, and they will SELL us tonight!")
    await eventually(lambda: hotline.tickets)
    (ticket,) = hotline.tickets.values()

    assert "passed on as urgent" in said
    assert (ticket["urgency"], ticket["urgency_reasons"]) == ("immediate", ["imminent_danger"])
    assert traces([bytes(wire.sent)], [b"Kingfisher-77", b"SELL us"]) == []


async def test_the_lock_can_be_switched_off_and_then_words_are_understood(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire))
    await somebody.locked()
    found = await Axe().run(somebody.page)
    await somebody.page.click("#lock")
    told = await somebody.locked()
    await somebody.say("Kingfisher-77, they took our passports")
    await somebody.say("done")
    await eventually(lambda: hotline.tickets)
    (ticket,) = hotline.tickets.values()

    assert {rule["id"]: len(rule["nodes"]) for rule in found.response["violations"]} == {}
    assert told == catalogue_of("en").word("web.seal_off")
    assert "retention_of_identity_documents" in [indicator["code"] for indicator in ticket["indicators"]]
    assert traces([bytes(wire.sent)], [b"Kingfisher-77"])


async def test_danger_stands_beside_the_lock_one_tap_away(wire: Wire, browser: Browser) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire))
    await somebody.locked()
    named = await somebody.page.get_attribute("#danger", "aria-label")
    said = await somebody.answer(somebody.page.click("#danger"))

    assert named == "Danger now or soon"
    assert "passed on as urgent" in said


async def test_other_questions_are_not_sealed(wire: Wire, browser: Browser) -> None:
    somebody = await visit(browser, wire)
    await somebody.tap("yes")
    await somebody.page.wait_for_timeout(500)

    assert not await somebody.page.locator("#lock").is_visible()
    assert b"/static/age.js" not in wire.sent, "what seals is fetched when it is needed"


async def test_a_file_of_20_mb_is_sealed_and_arrives_whole(wire: Wire, hotline: FakeHotline, browser: Browser) -> None:
    somebody, film = await visit(browser, wire), bytes(range(256)) * (20 * 4096)
    await somebody.send("Flamingo-room-9.mp4", "video/mp4", film)
    await somebody.say("done")
    (part,) = await the_parts(hotline, {"video"})

    assert base64.b64decode(part["file"]["content"]) == film
    assert traces([bytes(wire.sent)], [b"Flamingo"]) == []
