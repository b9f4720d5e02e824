"""Tickets reach the hotline once, whole and in order, however long that takes."""

import asyncio
import base64
import time
from pathlib import Path

import pytest

from bot.delivery.hotline import retry_after
from bot.delivery.loop import pause
from tests.fakes.hotline import SECRET, FakeHotline
from tests.running import Running, WebReporter, eventually

DANGER = "they will sell us tonight, we are in Bavet"


async def report(service: Running, *texts: str) -> None:
    """Say something so dangerous that every message files a revision."""
    somebody = await WebReporter(service.url).begin()
    for text in texts:
        await somebody.say(text)


NEW_SECRET = "whsec_" + base64.b64encode(b"another secret that tests know..").decode()


async def test_while_a_secret_is_replaced_either_verifies(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    both = {**to_hotline, "hotline_secret": f"{NEW_SECRET},{SECRET}"}
    async with Running(tmp_path / "state", **both) as service:
        for number, secret in enumerate((SECRET, NEW_SECRET), start=1):
            hotline.secret = secret
            await report(service, DANGER)
            await eventually(lambda wanted=number: len(hotline.arrived) == wanted)

    assert hotline.faults == []


async def test_a_hotline_that_asks_for_time_gets_it(service: Running, hotline: FakeHotline) -> None:
    hotline.status, hotline.retry_after = 429, "4"
    await report(service, DANGER)
    await eventually(lambda: hotline.attempts)
    hotline.status = 204
    await eventually(lambda: hotline.arrived)
    first, second = hotline.attempted_at

    assert second - first > 3.9  # of the 4 asked for, and 1 to 2 without being asked: two clocks may differ a little


async def test_an_urgent_ticket_leaves_while_others_rest(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "state", **{**to_hotline, "delay_seconds": "3600"}) as service:
        for _ in range(6):
            await report(service, "12 people in Kampot", "done")
        await report(service, DANGER)
        await eventually(lambda: hotline.tickets)
        await eventually(lambda: service.metric('quietline_waiting{queue="outbox"}', 6.0))

    assert [ticket["urgency"] for ticket in hotline.tickets.values()] == ["immediate"]


async def test_a_ticket_that_rests_leaves_by_itself(
    tmp_path: Path, to_hotline: dict[str, str], on_each_store: dict[str, str], hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "state", **{**to_hotline, **on_each_store, "delay_seconds": "2"}) as service:
        await report(service, "12 people in Kampot", "done")
        await eventually(lambda: hotline.tickets)

    assert [ticket["urgency"] for ticket in hotline.tickets.values()] == ["routine"]


async def test_a_flood_from_one_reporter_is_served_last_and_marked_but_whole(
    service: Running, hotline: FakeHotline
) -> None:
    flooder, other = [await WebReporter(service.url).begin() for _ in range(2)]
    texts = [f"number {number} in Kampot" for number in range(90)]
    sent = [asyncio.create_task(flooder.post({"text": text})) for text in texts]
    await asyncio.sleep(0.2)
    begun = time.monotonic()
    await other.say(DANGER)
    waited = time.monotonic() - begun
    answers = await asyncio.gather(*sent)
    await flooder.say("done")
    await eventually(lambda: "low-trust" in hotline.lanes)
    await eventually(lambda: len(hotline.tickets) == 2)
    tickets = list(hotline.tickets.values())
    flooded = next(ticket for ticket in tickets if ticket["urgency"] != "immediate")
    await eventually(lambda: len(hotline.words(hotline.tickets[flooded["ticket_id"]])) == len(texts))

    assert all(answer.status_code in (200, 503) for answer in answers), "503: kept, ask again with the same id"
    assert waited < 5


@pytest.mark.parametrize(
    ("on_each_store", "statuses"),
    [("sqlite", (0, 500, 503, 429, 301, 404)), ("postgresql", (503,))],
    indirect=["on_each_store"],
)
async def test_what_a_hotline_did_not_take_waits_and_comes_once_in_order(
    statuses: tuple[int, ...], service: Running, hotline: FakeHotline
) -> None:
    texts = [DANGER, "12 people", "from Kenya"]
    for number, status in enumerate(statuses, start=1):
        hotline.status = status
        await report(service, *texts)
        await eventually(lambda wanted=number: len(set(hotline.attempts)) == wanted)  # the first of each ticket
    await eventually(lambda: len(hotline.attempts) > len(statuses))  # and one once more
    hotline.status = 204
    await eventually(lambda: len(hotline.arrived) == len(texts) * len(statuses))

    assert [hotline.revisions(ticket_id) for ticket_id in hotline.tickets] == [[1, 2, 3]] * len(statuses)
    assert [hotline.words(ticket) for ticket in hotline.tickets.values()] == [texts] * len(statuses)
    assert len(set(hotline.attempts)) == len(hotline.arrived)  # the same key on every attempt


async def test_what_waits_survives_a_kill(tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline) -> None:
    hotline.status = 0
    async with Running(tmp_path / "state", **to_hotline) as service:
        await report(service, DANGER)
        await eventually(lambda: hotline.attempts)
        await service.kill()
        hotline.status = 204
        await service.start()
        await eventually(lambda: hotline.arrived)

    assert [event.type for event in hotline.arrived] == ["ticket.filed"]


async def test_a_file_comes_before_the_revision_that_lists_it(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    await somebody.say(DANGER)
    assert (await somebody.send_file("a.pdf", b"%PDF", "application/pdf")).status_code == 200
    await eventually(lambda: len(hotline.arrived) == 3)

    assert [event.type for event in hotline.arrived] == ["ticket.filed", "part.sealed", "ticket.amended"]
    listed = hotline.arrived[2].data["sealed"]["parts"][-1]
    assert listed["part_id"] == hotline.arrived[1].data["part_id"]
    assert listed["content"] is None


def test_pauses_double_up_to_an_hour_and_heed_the_hotline() -> None:
    seconds = [pause(attempts, None, lambda: 1.0).total_seconds() for attempts in range(1, 20)]

    assert seconds[:4] == [2, 4, 8, 16]
    assert max(seconds) == 3600
    assert pause(1, 120.0, lambda: 0.0).total_seconds() == 120


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), (None, None), ("-3", None)])
def test_retry_after_is_read_or_ignored(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds
