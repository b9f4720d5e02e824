"""`make demo` once for all browser tests, as a newcomer would start it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.browsing import chromium
from tests.running import free_port

ROOT = Path(__file__).resolve().parents[2]
NLU_SECONDS = 120


@dataclass
class Demo:
    chat: str
    desk: str
    log: Path
    state: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    log, state = folder / "log", folder / "state"
    own = {"QUIETLINE_STATE_DIR": str(state), "QUIETLINE_HTTP_PORT": str(free_port()), "QUIETLINE_DESK_PORT": "0"}
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("QUIETLINE_")}
    with log.open("wb") as out:
        make = subprocess.Popen(
            ["make", "demo"], cwd=ROOT, env=quiet | own, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield _started(make, log, state)
    finally:
        os.killpg(make.pid, signal.SIGTERM)
        make.wait(30)


def _started(make: "subprocess.Popen[bytes]", log: Path, state: Path) -> Demo:
    deadline = time.monotonic() + NLU_SECONDS
    while time.monotonic() < deadline:
        assert make.poll() is None, log.read_text()
        said = dict(re.findall(r"^(Web chat|Desk) +(\S+)/$", log.read_text(), re.MULTILINE))
        if len(said) == 2 and _is_ready(said["Web chat"]):
            return Demo(said["Web chat"], said["Desk"], log, state)
        time.sleep(0.3)
    raise AssertionError(log.read_text())


def _is_ready(url: str) -> bool:
    try:
        return all(httpx.get(url + "/readyz", timeout=10).json()["parts"].values())
    except httpx.TransportError:
        return False


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser
