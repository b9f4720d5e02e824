"""A real Chromium, as Debian packs it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a browser."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    assert found, "no Chromium: run ./setup.sh tests"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()
