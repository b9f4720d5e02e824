"""The lock holds what it promised: through late answers, broken lines, asides and a hidden chat."""

import asyncio
import io
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image
from playwright.async_api import Browser, Route, expect

from tests.fakes.hotline import FakeHotline
from tests.fakes.wire import Wire, traces
from tests.running import eventually
from tests.sealing.test_page import the_parts
from tests.sealing.visiting import PATIENCE_MS, Visitor, at_the_exact_place, at_the_name, visit

pytestmark = pytest.mark.browser
NAME = "Quỳnh Zebrafinch"


@asynccontextmanager
async def held_back(somebody: Visitor, address: str) -> AsyncIterator[None]:
    """Keep what goes to an address waiting for a while."""
    free = asyncio.Event()

    async def wait(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await somebody.page.context.route(address, wait)
    yield
    free.set()


async def lose_first(somebody: Visitor, address: str, times: int = 1) -> None:
    """Break the line under the first requests to an address."""
    tries = itertools.count()

    async def answer(route: Route) -> None:
        await (route.abort() if next(tries) < times else route.continue_())

    await somebody.page.context.route(address, answer)


async def type_and_send(somebody: Visitor, text: str) -> None:
    await somebody.page.fill("#text", text)
    await somebody.page.click("#send")


async def test_an_answer_that_comes_while_somebody_types_takes_no_lock_away(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await at_the_exact_place(await visit(browser, wire))
    await somebody.locked()
    async with held_back(somebody, "**/chat/messages"):
        await somebody.page.click('button[data-choice="skip"]')
        await somebody.page.fill("#text", NAME)
    await expect(somebody.page.locator('button[data-choice="role:relative"]')).to_be_visible(timeout=PATIENCE_MS)

    assert await somebody.page.locator("#lock").is_visible(), "the draft was begun under the lock"
    await somebody.answer(somebody.page.click("#send"))
    await somebody.say("done")
    assert NAME in [part.get("text") for part in await the_parts(hotline, {"words"})]
    assert traces([bytes(wire.sent)], [b"Zebrafinch"]) == []
    await expect(somebody.page.locator("#lock")).to_be_hidden()


async def test_words_begun_at_one_question_are_not_sealed_for_the_next(wire: Wire, browser: Browser) -> None:
    somebody = await visit(browser, wire)
    await somebody.tap("yes")
    async with held_back(somebody, "**/chat/messages"):
        await type_and_send(somebody, "we are 12 people locked in Bavet")
        await somebody.page.fill("#text", "they took our passports")
    await expect(somebody.page.locator(".bubble.ours")).to_have_count(3, timeout=PATIENCE_MS)
    await somebody.page.wait_for_timeout(500)
    seen = await somebody.page.locator("#lock").is_visible()
    await somebody.answer(somebody.page.click("#send"))

    assert not seen
    assert traces([bytes(wire.sent)], [b"they took our passports"])


async def test_words_typed_under_the_lock_stay_sealed_through_a_broken_line(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    await lose_first(somebody, "**/chat/messages", 2)
    await somebody.page.route("**/chat/words*", lambda route: route.abort())
    await somebody.page.select_option("#language", "th")  # its words never come
    await type_and_send(somebody, NAME)
    await expect(somebody.page.locator(".bubble.locked")).to_have_count(1, timeout=PATIENCE_MS)
    await eventually(lambda: b"sealed" in wire.sent)
    await somebody.say("done")

    assert NAME in [part.get("text") for part in await the_parts(hotline, {"words"})]
    assert traces([bytes(wire.sent)], [b"Zebrafinch"]) == []


async def test_what_was_shown_as_locked_waits_rather_than_go_in_clear(wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    await somebody.page.evaluate("window.kept = window.age.Encrypter; window.age = {}")
    await type_and_send(somebody, NAME)
    await expect(somebody.page.locator("#retry")).to_be_visible(timeout=PATIENCE_MS)
    sent_before = bytes(wire.sent)
    await somebody.page.evaluate("window.age = { Encrypter: window.kept }")
    await somebody.answer(somebody.page.click("#retry"))

    assert traces([sent_before, bytes(wire.sent)], [b"Zebrafinch"]) == []
    assert await somebody.page.locator(".bubble.locked").count() == 1


@pytest.mark.parametrize("part", ["static/sealing.js*", "static/hearing.js*", "static/age.js*", "chat/words*"])
async def test_what_seals_is_fetched_again_after_it_failed_to_come(part: str, wire: Wire, browser: Browser) -> None:
    somebody = await visit(browser, wire)
    await lose_first(somebody, "**/" + part)
    await at_the_exact_place(somebody)

    assert "We cannot read it" in await somebody.locked()
    await somebody.say(NAME)
    assert traces([bytes(wire.sent)], [b"Zebrafinch"]) == []


async def test_a_module_that_failed_to_come_is_asked_for_at_another_address(wire: Wire, browser: Browser) -> None:
    """Chromium asks again at the same one as well; other browsers keep the failure as long as the page lives."""
    somebody = await visit(browser, wire)
    await lose_first(somebody, "**/static/sealing.js*")
    await at_the_exact_place(somebody)
    await somebody.locked()

    assert b"GET /static/sealing.js?2 " in wire.sent


@pytest.mark.parametrize("said", ["receipt", "language"])
async def test_an_aside_leaves_the_lock_on_while_the_question_waits(said: str, wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    await somebody.say(said)
    shown = await somebody.locked()
    await somebody.say(NAME)

    assert "We cannot read it" in shown
    assert traces([bytes(wire.sent)], [b"Zebrafinch"]) == []


async def test_a_file_that_is_too_big_leaves_the_lock_on(wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    too_big = '{"replies": [{"text": "Too big", "choices": [], "question": null}]}'
    await somebody.page.route("**/chat/attachments", lambda route: route.fulfill(status=413, body=too_big))
    await somebody.send("a.bin", "application/octet-stream", b"x")

    assert await somebody.page.locator("#lock").is_visible()


async def test_an_interview_that_ended_unlocks(wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    await somebody.say("stop")

    await expect(somebody.page.locator("#lock")).to_be_hidden()


async def test_a_hidden_chat_shows_nothing_of_a_lock(wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    await somebody.say("receipt")
    await somebody.page.fill("#text", "hide")
    await somebody.page.click("#send")
    await expect(somebody.page.locator('button[data-choice="decoy.weather"]')).to_be_visible(timeout=PATIENCE_MS)
    await somebody.send("a.bin", "application/octet-stream", b"x")
    await somebody.page.evaluate("window.age = {}")
    await somebody.send("b.bin", "application/octet-stream", b"x")
    await somebody.say("hello")

    assert not await somebody.page.locator("#lock").is_visible()
    assert await somebody.page.locator(".locked, .note").count() == 0


@pytest.mark.parametrize("typed", ["0.", "0)", "0。"])
async def test_nought_with_a_stop_is_danger_too(typed: str, wire: Wire, browser: Browser) -> None:
    somebody = await at_the_name(await visit(browser, wire))

    assert "passed on as urgent" in await somebody.say(typed)


async def test_danger_beside_the_lock_is_told_after_another_choice_was_tapped(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await at_the_name(await visit(browser, wire))
    async with held_back(somebody, "**/chat/messages"):
        await somebody.page.click('button[data-choice="skip"]')
        await somebody.page.click("#danger")
    await eventually(lambda: any(ticket["urgency"] == "immediate" for ticket in hotline.tickets.values()))


async def test_danger_goes_ahead_of_a_name_that_waits_for_what_seals(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await visit(browser, wire)
    async with held_back(somebody, "**/static/age.js"):
        await at_the_exact_place(somebody)
        await type_and_send(somebody, NAME)
        await somebody.page.click('button[data-choice="imminent_danger"]')
        await eventually(lambda: hotline.tickets)
    await expect(somebody.page.locator(".bubble.locked")).to_have_count(1, timeout=PATIENCE_MS)

    assert [ticket["urgency"] for ticket in hotline.tickets.values()] == ["immediate"]
    assert traces([bytes(wire.sent)], [b"Zebrafinch"]) == []


UNREADABLE = """
window.gone = false;
const read = FileReader.prototype.readAsArrayBuffer;
FileReader.prototype.readAsArrayBuffer = function (blob) {
  if (!window.gone) return read.call(this, blob);
  Object.defineProperty(this, "error", { value: new Error("gone") });
  this.onloadend();
};
const asAddress = FileReader.prototype.readAsDataURL;
FileReader.prototype.readAsDataURL = function (blob) {
  if (!window.gone) return asAddress.call(this, blob);
  this.onerror();
};
"""
"""A file that was deleted, as a page sees it."""


def photo() -> bytes:
    held = io.BytesIO()
    Image.effect_noise((64, 64), 60).convert("RGB").save(held, "JPEG")
    return held.getvalue()


async def test_a_sealed_photo_is_delivered_though_the_original_was_deleted(
    wire: Wire, hotline: FakeHotline, browser: Browser
) -> None:
    somebody = await visit(browser, wire, UNREADABLE)
    await lose_first(somebody, "**/chat/attachments", 2)
    await somebody.page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    await expect(somebody.page.locator(".bubble.locked")).to_have_count(1, timeout=PATIENCE_MS)
    await somebody.page.evaluate("window.gone = true")
    await expect(somebody.page.locator(".bubble.pending")).to_have_count(0, timeout=PATIENCE_MS)
    await somebody.say("done")

    assert (await the_parts(hotline, {"photo"}))[0]["file"]["name"] == "a.jpg"


async def test_a_file_that_can_be_read_again_is_sent_by_a_second_try(wire: Wire, browser: Browser) -> None:
    somebody = await visit(browser, wire, UNREADABLE)
    await somebody.page.evaluate("window.gone = true")
    await somebody.page.set_input_files("#file", {"name": "a.bin", "mimeType": "text/plain", "buffer": b"x"})
    again = somebody.page.locator(".bubble.failed button")
    await expect(again).to_be_visible(timeout=PATIENCE_MS)
    await somebody.page.evaluate("window.gone = false")
    await somebody.answer(again.click())

    assert await somebody.page.locator(".bubble.locked").count() == 1
