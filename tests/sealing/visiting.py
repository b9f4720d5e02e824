"""Somebody who writes in the chat page."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.fakes.wire import Wire

PHONE = {"width": 360, "height": 640}
HERE = {"latitude": 11.074153, "longitude": 106.174261, "accuracy": 12.0}
PATIENCE_MS = 30_000


@dataclass
class Visitor:
    page: Page

    async def say(self, text: str) -> str:
        await self.page.fill("#text", text)
        return await self.answer(self.page.click("#send"))

    async def tap(self, choice: str) -> str:
        return await self.answer(self.page.click(f'button[data-choice="{choice}"]'))

    async def pin(self) -> str:
        return await self.answer(self.page.click("#location"))

    async def send(self, name: str, media_type: str, content: bytes) -> str:
        files: Any = {"name": name, "mimeType": media_type, "buffer": content}
        return await self.answer(self.page.set_input_files("#file", files))

    async def answer(self, act: Any) -> str:
        before = await self.page.locator(".bubble.ours").count()
        await act
        answer = self.page.locator(".bubble.ours").nth(before)
        await expect(answer).to_be_visible(timeout=PATIENCE_MS)
        return await answer.inner_text()

    async def locked(self) -> str:
        """Wait for the line above the input; gives what it says."""
        await expect(self.page.locator("#lock")).to_be_visible(timeout=PATIENCE_MS)
        return await self.page.inner_text("#lock")


async def visit(browser: Browser, wire: Wire, before: str = "", language: str = "en") -> Visitor:
    """Open the page, in a browser that a script has changed before."""
    context = await browser.new_context(viewport=PHONE, locale=language, permissions=["geolocation"], geolocation=HERE)
    if before:
        await context.add_init_script(before)
    page = await context.new_page()
    await page.goto(wire.url)
    await expect(page.locator(".bubble.ours")).to_have_count(1)
    return Visitor(page)


async def at_the_exact_place(visitor: Visitor) -> Visitor:
    """Go on to the first question whose answer is sealed in the page."""
    await visitor.tap("yes")
    await visitor.say("we are 12 people locked in Bavet")
    return visitor


async def at_the_name(visitor: Visitor) -> Visitor:
    """Go on to the question for a name."""
    await at_the_exact_place(visitor)
    await visitor.tap("skip")
    await visitor.tap("role:relative")
    await visitor.locked()
    return visitor
