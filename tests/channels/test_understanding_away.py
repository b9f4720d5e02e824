"""Rasa is advisory: whatever becomes of its server, a report is filed, and a server that is back is used again."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.running import Running, WebReporter, eventually
from tests.stores import ON_SQLITE

WORDS = "please somebody come, we sleep in the tall house behind the market"


@pytest.fixture
def to_hotline(to_hotline: dict[str, str], fake_nlu: FakeNlu) -> dict[str, str]:
    return {**to_hotline, "nlu_url": fake_nlu.url}


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


WELL = {"status": 200, "answer": {}, "seconds": 0.0}
BROKEN: Mapping[str, Mapping[str, Any]] = {
    "down": {"status": 503, "answer": "no"},
    "nonsense": {"answer": {"intent": [1, 2], "entities": "none", "indicators": {"a": 1}}},
    "not JSON": {"answer": "<html>"},
    "foreign codes": {"answer": understood("report_self", "no_such_indicator")},
    "slow": {"seconds": 30},
}


def break_down(nlu: FakeNlu, how: str) -> None:
    for name, value in {**WELL, **BROKEN[how]}.items():
        setattr(nlu, name, value)


@ON_SQLITE
async def test_a_report_is_filed_from_choices_and_sealed_words(
    service: Running, hotline: FakeHotline, fake_nlu: FakeNlu
) -> None:
    for how in BROKEN:
        break_down(fake_nlu, how)
        asked = fake_nlu.asked
        somebody = await WebReporter(service.url).begin()
        await somebody.choose("yes")
        await somebody.say(WORDS)
        await somebody.choose("province:KH-20")
        await somebody.choose("physical_or_sexual_violence")
        await somebody.choose("done")
        assert fake_nlu.asked > asked, how
    await eventually(lambda: [t["status"] for t in hotline.tickets.values()] == ["complete"] * len(BROKEN))

    for ticket in hotline.tickets.values():
        assert ticket["location"]["province"] == "KH-20"
        assert hotline.words(ticket) == [WORDS]


@ON_SQLITE
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
