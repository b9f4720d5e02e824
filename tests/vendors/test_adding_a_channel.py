"""Adding a channel touches what `docs/adding-a-channel.md` says, and nothing else knows its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.table import VENDORS, Row, variables_of
from bot.model.codes import CHANNELS
from tests.fakes.vendors.table import FAKES
from tests.vendors import recorded

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "bot" / "channels" / "table.py"
CODES = ROOT / "bot" / "model" / "codes.py"
SDKS = {"whatsapp": "pywa", "line": "linebot", "viber": "viberbot", "wechat": "wechatpy", "twilio": "twilio"}

EVERY_ROW = pytest.mark.parametrize("row", VENDORS, ids=lambda row: row.name)


def code() -> Iterator[Path]:
    for folder in ("bot", "storage", "desk", "nlu"):
        yield from (file for file in (ROOT / folder).rglob("*.py") if ".venv" not in file.parts)


def knows(file: Path, row: Row) -> bool:
    """Tell whether code names a channel: imports its module, or has its name as a value."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module)) if module.split(".")[:3] == row.vendor.__module__.split(".")[:3]:
                return True
            case ast.Constant(value=row.name):
                return True
    return False


@EVERY_ROW
def test_only_its_module_and_its_row_know_its_name(row: Row) -> None:
    own = ROOT / "bot" / "channels" / row.vendor.__module__.split(".")[2]
    knowing = {file for file in code() if knows(file, row) and own not in file.parents}

    assert knowing - {TABLE, CODES} == set()
    assert TABLE in knowing


@EVERY_ROW
def test_it_has_its_recorded_calls_its_fake_and_its_page(row: Row) -> None:
    page = (ROOT / "docs" / "channels" / f"{row.name}.md").read_text("utf-8")

    assert row.name in recorded.MODULES
    assert row.name in FAKES
    assert row.vendor.channel in CHANNELS
    assert [name for name in variables_of(row.name) if name not in page] == []
    assert (ROOT / "tests" / "vendors" / "oracles" / f"test_{row.name}.py").exists() or row.name not in SDKS


def test_every_channel_that_tickets_know_can_be_had() -> None:
    assert {row.vendor.channel for row in VENDORS} | {"telegram", "web", "console"} == set(CHANNELS)
