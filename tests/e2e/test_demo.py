"""A newcomer's first minutes: `make demo`, a report typed in a real browser, a ticket on the desk's page."""

import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from bot.i18n.languages import LANGUAGES
from tests.e2e.conftest import Demo
from tests.running import quietline

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]  # one demo, in one worker
PHONE = {"width": 360, "height": 640}
REPORTS = {
    "en": ("we are 12 people locked in Bavet, they took our passports and beat us", "Svay Rieng"),
    "km": ("ខ្ញុំនៅក្រុងបាវិត គេដកហូតលិខិតឆ្លងដែន ហើយវាយយើង មានគ្នា ១២ នាក់", "Svay Rieng"),
    "zh-Hans": ("我们12个人被关在西港，护照被收了，天天挨打", "Sihanoukville"),
    "zh-Hant": ("我們12個人被關在西港，護照被收走了，每天被打", "Sihanoukville"),
    "vi": ("chúng tôi 12 người bị nhốt ở Bavet, họ lấy hộ chiếu và đánh đập", "Svay Rieng"),
}


async def opened(browser: Browser, demo: Demo, language: str) -> Page:
    context = await browser.new_context(viewport=PHONE, locale=language)
    page = await context.new_page()
    await page.goto(demo.chat)
    await expect(page.locator(".bubble.ours")).to_have_count(1)
    return page


async def say(page: Page, text: str) -> str:
    """Type a message and send it; gives the answer."""
    before = await page.locator(".bubble.ours").count()
    await page.fill("#text", text)
    await page.click("#send")
    return await _answer(page, before)


async def tap(page: Page, choice: str) -> str:
    before = await page.locator(".bubble.ours").count()
    await page.click(f'button[data-choice="{choice}"]')
    return await _answer(page, before)


async def _answer(page: Page, before: int) -> str:
    answer = page.locator(".bubble.ours").nth(before)
    await expect(answer).to_be_visible(timeout=30_000)
    return await answer.inner_text()


async def reloaded_until(page: Page, selector: str) -> None:
    """Load the page anew until it shows this: what is sent to the desk arrives a moment after the answer."""
    for _ in range(30):
        await page.reload()
        if await page.locator(selector).count():
            return
        await page.wait_for_timeout(500)
    pytest.fail(f"the page never showed {selector}")


@pytest.mark.parametrize("language", REPORTS)
async def test_a_report_typed_in_a_browser_is_a_ticket_on_the_desk(
    language: str, demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    words, place = REPORTS[language]
    page = await opened(browser, demo, language)
    await tap(page, "yes")
    await say(page, words)
    summary = await tap(page, "skip")  # the exact place

    assert re.search("12|៦|6-20", summary)
    desk = await browser.new_page()
    card = desk.locator("article", has_text=f"writes {language} ")
    await desk.goto(demo.desk)
    await reloaded_until(desk, f"article:has-text('writes {language} ')")
    await expect(card).to_contain_text(place)
    await expect(card).to_contain_text("beaten or sexual violence")
    await expect(card).to_contain_text("passport taken")
    assert words in await _opened_on_the_desk(desk, card.locator("a"), demo, tmp_path)


async def _opened_on_the_desk(desk: Page, link: Locator, demo: Demo, folder: Path) -> str:
    """Download the ticket from the desk and open it with the key file, as an advisor would."""
    await link.click()
    async with desk.expect_download() as waiting:
        await desk.get_by_role("link", name="Download the ticket").click()
    await (await waiting.value).save_as(folder / "ticket.json")
    code, out, _ = await quietline("open", folder / "ticket.json", "--key", demo.state / "hotline.key")
    assert code == 0
    return out


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_to_mend(language: str, demo: Demo, browser: Browser) -> None:
    page = await opened(browser, demo, language)
    await tap(page, "yes")
    found = await Axe().run(page)

    assert {rule["id"]: len(rule["nodes"]) for rule in found.response["violations"]} == {}
    assert len(found.response["passes"]) > 10


async def test_a_hidden_chat_shows_nothing_of_before_and_goes_on(demo: Demo, browser: Browser) -> None:
    page = await opened(browser, demo, "en")
    await say(page, "we are 3 in Kampot")
    await say(page, "receipt")
    await page.fill("#text", "hide")
    await page.click("#send")
    await expect(page.locator(".bubble")).to_have_count(1)
    hidden = await page.inner_text("body")
    told = await tap(page, "decoy.weather")

    assert "Kampot" not in hidden
    assert "°C" in told


async def test_leaving_wipes_the_page_and_its_place_in_the_history(demo: Demo, browser: Browser) -> None:
    page = await opened(browser, demo, "en")
    await say(page, "we are in Kampot")
    await page.click("#leave")
    await page.wait_for_url(re.compile("about:blank|blank.html"))
    await page.go_back()

    assert "Kampot" not in await page.content()


async def test_nothing_is_kept_in_the_browser_and_nothing_is_fetched_from_elsewhere(
    demo: Demo, browser: Browser
) -> None:
    context = await browser.new_context(viewport=PHONE, locale="en")
    page = await context.new_page()
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    await page.goto(demo.chat)
    await expect(page.locator(".bubble.ours")).to_have_count(1)
    first = list(asked)
    await say(page, "we are in Kampot")
    await expect(page.locator("#lock")).to_be_visible()  # it has fetched what seals

    assert all(url.startswith((demo.chat, "data:")) for _, url in asked)
    assert await context.storage_state() == {"cookies": [], "origins": []}
    begins, all_of_it = await weight(first, demo), await weight(asked, demo)
    assert 3_000 < begins < 20_000, "bytes for a slow line"
    assert begins < all_of_it < 60_000, "with what seals"


async def weight(asked: list[tuple[str, str]], demo: Demo) -> int:
    """Count the bytes of a page's parts on the line, where they are packed."""
    parts = {url for method, url in asked if method == "GET" and url.startswith(demo.chat)}
    assert len(parts) >= 3, "page, style, script"
    async with httpx.AsyncClient(headers={"accept-encoding": "gzip"}) as http:
        return sum([(await http.get(url)).num_bytes_downloaded for url in parts])


async def test_erase_empties_the_page_and_withdraws_the_ticket(demo: Demo, browser: Browser) -> None:
    page = await opened(browser, demo, "en")
    await say(page, "he is bleeding and needs a doctor in Pailin")
    desk = await browser.new_page()
    await desk.goto(demo.desk)
    await expect(desk.locator("article.immediate", has_text="Pailin")).to_have_count(1)
    await page.fill("#text", "erase")
    await page.click("#send")
    await expect(page.locator(".bubble")).to_have_count(1)
    await reloaded_until(desk, "article.withdrawn")

    await expect(desk.locator("article", has_text="Pailin")).to_have_count(0)
    await expect(desk.locator("article.withdrawn")).to_have_count(1)
    assert "Pailin" not in await page.inner_text("body")


async def test_the_page_fits_a_small_phone(demo: Demo, browser: Browser) -> None:
    page = await opened(browser, demo, "km")
    await page.set_viewport_size({"width": 320, "height": 480})
    width = await page.locator("body").bounding_box()
    buttons = [await page.locator(selector).bounding_box() for selector in ("#leave", "#send", "#text")]

    assert width
    assert width["width"] <= 320
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in buttons)
