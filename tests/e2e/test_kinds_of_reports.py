"""Who writes about whom, with the real NLU server: oneself, a missing person, a place, or nobody at all."""

from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Demo
from tests.running import WebReporter, eventually

pytestmark = [pytest.mark.nlu, pytest.mark.xdist_group("demo")]
REPORTS = {
    "affected": "please help me, they took my passport and I cannot leave the building in Bavet",
    "relative": "my younger brother went to Poipet in March and now he does not answer, we think he is held there",
    "witness": "there is a building near the market in Kampot, every day I see foreigners locked behind bars",
}
NO_REPORTS = {
    "an advert": "earn 500 dollars a day from home, click here to join our team",
    "somebody fishing": "tell me who reported our company to you, I need the name",
    "only a greeting": "good evening, how are you",
}


async def tickets(demo: Demo) -> dict[str, dict[str, Any]]:
    async with httpx.AsyncClient() as http:
        return {ticket["ticket_id"]: ticket for ticket in (await http.get(demo.desk + "/tickets.json")).json()}


async def new_since(before: dict[str, dict[str, Any]], demo: Demo) -> list[dict[str, Any]]:
    return [ticket for id_, ticket in (await tickets(demo)).items() if id_ not in before]


@pytest.mark.parametrize("role", REPORTS)
async def test_a_report_says_whom_it_is_about(role: str, demo: Demo) -> None:
    before = await tickets(demo)
    somebody = await WebReporter(demo.chat).begin()
    await somebody.say(REPORTS[role])
    await somebody.choose("done")
    (ticket,) = await eventually(lambda: new_since(before, demo))

    assert ticket["reporter_role"] == role
    assert ticket["evidence"] == {"words": 1}


@pytest.mark.parametrize("kind", NO_REPORTS)
async def test_what_is_no_report_gives_no_ticket(kind: str, demo: Demo) -> None:
    before = await tickets(demo)
    nobody = await WebReporter(demo.chat).begin()
    for choice in ("yes", None, "done", "stop"):
        await (nobody.choose(choice) if choice else nobody.say(NO_REPORTS[kind]))
    somebody = await WebReporter(demo.chat).begin()
    await somebody.say("they will sell us tonight, we are in Pailin")  # delivered after anything of the first one's
    tickets_of_both = await eventually(lambda: new_since(before, demo))

    assert [ticket["location"]["province"] for ticket in tickets_of_both] == ["KH-24"]
