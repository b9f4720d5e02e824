"""The chat page in Telegram's own window: it opens from the bot's chat alone, and talks as the web chat does."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Browser, Route, expect

from bot.web.app import policy
from tests.fakes.telegram.server import TOKEN
from tests.fakes.wire import Wire, listening_to
from tests.running import Running
from tests.sealing.test_init_data import opened_at, signed
from tests.stores import ON_SQLITE


@pytest.fixture
async def mini_app(tmp_path: Path, on_telegram: dict[str, str]) -> AsyncIterator[Running]:
    async with Running(tmp_path / "state", **on_telegram) as service:
        yield service


@pytest.fixture
async def line(mini_app: Running) -> AsyncIterator[Wire]:
    async with listening_to(mini_app.port) as wire:
        yield wire


def init_data() -> str:
    user = {"id": 279058397, "first_name": "Zebrafinch", "username": "zebrafinch", "language_code": "vi"}
    return signed(opened_at(datetime.now(UTC), user=json.dumps(user)), TOKEN)


@ON_SQLITE
@pytest.mark.browser
async def test_it_opens_from_the_bots_chat_in_the_apps_language(line: Wire, browser: Browser) -> None:
    page = await (await browser.new_context(locale="en")).new_page()
    await page.goto(f"{line.url}/app#tgWebAppData={quote(init_data())}&tgWebAppVersion=9.1&tgWebAppPlatform=android")
    await expect(page.locator(".bubble.ours")).to_have_count(1)

    assert page.url == line.url + "/app", "what Telegram said is in no history"
    assert "Tin nhắn của bạn" in await page.inner_text(".bubble.ours")
    await expect(page.locator("html")).to_have_attribute("lang", "vi")
    assert b"telegram.org" not in bytes(line.sent)
    await page.reload()
    await expect(page.locator(".note")).to_have_text("This page opens from the chat only. Please open it there again.")


@ON_SQLITE
@pytest.mark.browser
async def test_opened_from_anywhere_else_it_says_so(line: Wire, browser: Browser) -> None:
    page = await (await browser.new_context(locale="en")).new_page()
    for behind in ("", "#tgWebAppData=" + quote(init_data().replace("279058397", "1"))):
        await page.goto("about:blank")
        await page.goto(f"{line.url}/app{behind}")
        await expect(page.locator(".note")).to_have_text(
            "This page opens from the chat only. Please open it there again."
        )
        assert not await page.locator("#composer").is_visible()


@ON_SQLITE
@pytest.mark.browser
async def test_what_was_written_before_it_shut_is_shown_as_not_sent(line: Wire, browser: Browser) -> None:
    page = await (await browser.new_context(locale="en")).new_page()
    opened = asyncio.Event()

    async def refuse_late(route: Route) -> None:
        await opened.wait()
        await route.fulfill(status=403, body="{}")

    await page.route("**/chat", refuse_late)
    await page.goto(f"{line.url}/app#tgWebAppData={quote(init_data())}")
    await page.fill("#text", "they are moving us")
    await page.click("#send")
    opened.set()

    await expect(page.locator(".bubble.failed")).to_have_count(1)
    assert await page.locator(".bubble.pending").count() == 0


@ON_SQLITE
async def test_only_telegrams_own_page_may_frame_it_and_only_it(mini_app: Running) -> None:
    async with httpx.AsyncClient(base_url=mini_app.url) as http:
        policies = {path: (await http.get(path)).headers.get_list("content-security-policy") for path in ("/", "/app")}

    assert policies["/"] == [policy()]
    assert policies["/app"] == [policy("https://web.telegram.org")]
    assert policy().endswith("frame-ancestors 'none'")


@ON_SQLITE
async def test_nothing_of_who_opened_it_is_stored(mini_app: Running, tmp_path: Path) -> None:
    async with httpx.AsyncClient(base_url=mini_app.url, timeout=30) as http:
        right = await http.post("/chat", json={"init_data": init_data()})
        wrong = await http.post("/chat", json={"init_data": init_data()[:-1] + "x"})
    kept = [path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()]

    assert (right.status_code, right.json()["language"]) == (201, "vi")
    assert (wrong.status_code, set(wrong.json())) == (403, {"error"})
    assert not [place for place in [*kept, mini_app.log.read_bytes()] if b"ebrafinch" in place or b"279058397" in place]


@ON_SQLITE
async def test_without_a_bot_there_is_no_mini_app(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        assert (await http.get("/app")).status_code == 404
        assert (await http.post("/chat", json={"init_data": init_data()})).status_code == 403
