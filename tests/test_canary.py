"""A synthetic report goes through every channel to the test intake; what is dead although it looks green is found."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.channels.health import Fault
from bot.channels.table import VENDORS
from tests.fakes import hotline as hotlines
from tests.fakes.hotline import FakeHotline
from tests.fakes.telegram import FakeTelegram
from tests.fakes.vendors.table import FAKES, answering
from tests.running import Running, eventually, quietline
from tests.stores import ON_SQLITE


@pytest.fixture
async def test_intake() -> AsyncIterator[FakeHotline]:
    async with hotlines.receiving() as intake:
        yield intake


async def test_a_canary_of_each_channel_reaches_the_test_intake_and_nobody_else(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline, test_intake: FakeHotline
) -> None:
    watched = {**on_telegram, "hotline_test_url": test_intake.url, "canary_seconds": "1"}
    async with Running(tmp_path / "state", by_webhook=True, **watched) as service:
        await eventually(lambda: len(test_intake.tickets) >= 6)
        metrics = await service.metrics()
        real = telegram.person()
        real.write("they will sell us tonight, we are in Bavet")
        await eventually(lambda: hotline.tickets)

    assert {ticket["channel"] for ticket in test_intake.tickets.values()} == {"telegram", "web", "console"}
    assert [ticket["channel"] for ticket in hotline.tickets.values()] == ["telegram"]
    assert 'quietline_canary_seconds{channel="telegram"}' in metrics
    assert [sent for sent in telegram.called("sendMessage") if str(sent["chat_id"]) == "0"] == []


async def test_a_canary_that_does_not_arrive_raises_an_alarm(
    tmp_path: Path, to_hotline: dict[str, str], test_intake: FakeHotline
) -> None:
    test_intake.status = 503
    watched = {**to_hotline, "hotline_test_url": test_intake.url, "canary_seconds": "1"}
    async with Running(tmp_path / "state", **watched) as service:
        await eventually(lambda: "canary.missing" in service.log.read_text())


@ON_SQLITE
@pytest.mark.parametrize("fault", ["token_revoked", "webhook_elsewhere", "piling_up"])
async def test_a_channel_that_looks_green_but_is_dead_raises_an_alarm(
    fault: str, tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram
) -> None:
    broken = {**on_telegram, "telegram_token": "1:revoked"} if fault == "token_revoked" else on_telegram
    if fault == "webhook_elsewhere":
        telegram.webhook_of_others = "https://elsewhere.example/hook"
    if fault == "piling_up":
        telegram.waiting_at_vendor = 500
    async with Running(tmp_path / "state", **broken) as service:
        await eventually(lambda: f'"kind": "{fault}"' in service.log.read_text())
        await eventually(lambda: service.metric('quietline_channel_up{channel="telegram"}', 0.0))
    code, said, _ = await quietline("check", state_dir=str(tmp_path / "other"), **broken)

    assert code == 1
    assert Fault[fault.upper()].value in said


async def test_a_canary_goes_through_the_webhook_of_every_network(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    """All networks in one service, but for the second provider of SMS: one is used at a time."""
    async with AsyncExitStack() as stack:
        fakes = [await stack.enter_async_context(answering(fake())) for name, fake in FAKES.items() if name != "vonage"]
        test_intake = await stack.enter_async_context(hotlines.receiving())
        credentials = {name: value for fake in fakes for name, value in fake.settings.items()}
        settings = {**to_hotline, **credentials, "hotline_test_url": test_intake.url, "canary_seconds": "2"}
        service = Running(tmp_path / "state", by_webhook=True, **settings)
        for fake in fakes:
            fake.webhook_url = f"{service.url}/{fake.name}/webhook"
        await stack.enter_async_context(service)
        arrived = {row.vendor.channel for row in VENDORS} | {"web", "console"}
        await eventually(lambda: {ticket["channel"] for ticket in test_intake.tickets.values()} == arrived)

    assert not hotline.tickets
