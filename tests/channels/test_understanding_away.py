"""Rasa is advisory: whatever becomes of its server, a report is filed, and a server that is back is used again."""

from typing import Any

import pytest

from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.running import Running, WebReporter, eventually

WORDS = "please somebody come, we sleep in the tall house behind the market"


@pytest.fixture
def to_hotline(to_hotline: dict[str, str], fake_nlu: FakeNlu) -> dict[str, str]:
    return {**to_hotline, "nlu_url": fake_nlu.url}


def break_down(nlu: FakeNlu, how: str) -> None:
    match how:
        case "down":
            nlu.status, nlu.answer = 503, "no"
        case "slow":
            nlu.seconds = 30
        case "nonsense":
            nlu.answer = {"intent": [1, 2], "entities": "none", "indicators": {"a": 1}}
        case "not JSON":
            nlu.answer = "<html>"
        case "foreign codes":
            nlu.answer = understood("report_self", "no_such_indicator")


def understood(intent: str, *indicators: str) -> dict[str, Any]:
    found = [{"code": code, "name": code, "confidence": 0.99} for code in indicators]
    return {
        "text": WORDS,
        "intent": {"name": intent, "confidence": 0.99},
        "intent_ranking": [],
        "entities": [],
        "indicators": found,
        "language": "en",
    }


@pytest.mark.parametrize("how", ["down", "slow", "nonsense", "not JSON", "foreign codes"])
async def test_a_report_is_filed_from_choices_and_sealed_words(
    how: str, service: Running, hotline: FakeHotline, fake_nlu: FakeNlu
) -> None:
    break_down(fake_nlu, how)
    somebody = await WebReporter(service.url).begin()
    await somebody.choose("yes")
    await somebody.say(WORDS)
    await somebody.choose("province:KH-20")
    await somebody.choose("physical_or_sexual_violence")
    await somebody.choose("done")
    (ticket,) = await eventually(lambda: list(hotline.tickets.values()))

    assert ticket["status"] == "complete"
    assert ticket["location"]["province"] == "KH-20"
    assert hotline.words(ticket) == [WORDS]
    assert fake_nlu.asked >= 1


async def test_a_server_that_is_back_is_used_again(service: Running, hotline: FakeHotline, fake_nlu: FakeNlu) -> None:
    break_down(fake_nlu, "down")
    somebody = await WebReporter(service.url).begin()
    await somebody.say(WORDS)
    fake_nlu.status, fake_nlu.answer = 200, understood("report_self", "imminent_danger")

    async def used() -> bool:
        await somebody.say(WORDS)
        return 'quietline_understood_total{by="server"}' in await service.metrics()

    await eventually(used)
    await eventually(lambda: [t for t in hotline.tickets.values() if t["urgency"] == "immediate"])
