"""For every vendor: whole conversations with a fake of its API on loopback."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from PIL import Image

from bot.channels.table import VENDORS
from tests.fakes.hotline import FakeHotline
from tests.fakes.vendors.base import FakeVendor, Fault, Person
from tests.fakes.vendors.table import FAKES, answering
from tests.running import Running, eventually

pytestmark = pytest.mark.usefixtures("service")

REPORT = "we are 12 people locked in Bavet, they took our passports"


@pytest.fixture(params=[row.name for row in VENDORS])
async def vendor(request: pytest.FixtureRequest) -> AsyncIterator[FakeVendor]:
    async with answering(FAKES[request.param]()) as fake:
        yield fake


@pytest.fixture
async def service(tmp_path: Path, to_hotline: dict[str, str], vendor: FakeVendor) -> AsyncIterator[Running]:
    settings = {**to_hotline, **vendor.settings, "silence_seconds": "2"}
    service = Running(tmp_path / "state", by_webhook=True, **settings)
    vendor.webhook_url = f"{service.url}/{vendor.name}/webhook"
    async with service:
        yield service


async def answered(person: Person, count: int) -> None:
    await eventually(lambda: len(person.seen) >= count)


async def choose(person: Person, label: str) -> None:
    """Choose as this channel lets one: by a button, else by the number before the label.

    Where it was asked how many, a number is a number of people: there the label is typed.
    """
    said = len(person.seen)
    if any(name.endswith(label) for shown in person.seen for name in shown.buttons):
        await person.tap(label)
    else:
        lines = [line for shown in reversed(person.seen) for line in shown.text.splitlines()]
        number = next(line for line in lines if line.endswith(label)).split()[0]
        await person.say(label if label[0].isdigit() else number)
    await answered(person, said + 1)


async def offered(person: Person, label: str) -> None:
    await eventually(lambda: any(_offers(shown, label) for shown in person.seen))


def _offers(shown: Any, label: str) -> bool:
    return any(name.endswith(label) for name in shown.buttons) or any(
        line.endswith(label) for line in shown.text.splitlines()
    )


async def test_a_whole_interview_ends_as_the_same_ticket_as_on_telegram(
    vendor: FakeVendor, hotline: FakeHotline
) -> None:
    """As `tests/channels/test_telegram_service.py` has it."""
    person = vendor.person()
    await person.say("hello")
    await answered(person, 1)
    if _offers(person.seen[-1], "English"):
        await choose(person, "English")
    for label in ("Yes", "Svay Rieng", "Skip", "Me / others with me", "6-20 people", "Locked, can't leave"):
        await offered(person, label)
        await choose(person, label)
    ticket = await eventually(lambda: next((t for t in hotline.tickets.values() if t["status"] == "complete"), None))

    assert ticket["channel"] == channel_of(vendor)
    assert ticket["reporter_role"] == "affected"
    assert ticket["people"] == {"count_band": "6-20", "nationalities": [], "minor": "unknown"}
    assert ticket["location"]["province"] == "KH-20"
    assert ticket["indicators"] == [{"code": "restriction_of_movement", "basis": "answered"}]


def channel_of(vendor: FakeVendor) -> str:
    return next(row.vendor.channel for row in VENDORS if row.name == vendor.name)


async def test_words_a_photo_and_a_place_are_sealed(vendor: FakeVendor, hotline: FakeHotline) -> None:
    person = vendor.person()
    await person.say(REPORT)
    await answered(person, 1)
    await vendor.push(person.photographed(_photo(), "the gate"))
    ticket = await eventually(
        lambda: next((t for t in hotline.tickets.values() if t["evidence"].get("photo") == 1), None)
    )
    opened = {part["kind"]: part for part in hotline.opened(ticket)}

    assert ticket["location"]["province"] == "KH-20"
    assert ticket["people"]["count_band"] == "6-20"
    assert opened["words"]["text"] == REPORT
    assert opened["photo"].get("text", "the gate") == "the gate"
    assert opened["photo"]["file"]["content"]


def _photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(held, "JPEG")
    return held.getvalue()


async def test_the_same_call_again_changes_nothing(vendor: FakeVendor, hotline: FakeHotline) -> None:
    person = vendor.person()
    call = vendor.call(person.typed(REPORT))
    for _ in range(4):
        assert (await vendor.push_once(call)).is_success
    await eventually(lambda: hotline.tickets)
    await answered(person, 1)
    await person.say("done")
    await eventually(lambda: any(t["status"] == "complete" for t in hotline.tickets.values()))

    assert hotline.all_words.count(REPORT) == 1


async def test_messages_that_overtake_each_other_are_all_kept(vendor: FakeVendor, hotline: FakeHotline) -> None:
    person = vendor.person()
    first, second = (person.typed(text) for text in ("we are locked in Bavet", "they took our passports"))
    await vendor.push(second)
    await vendor.push(first)
    await eventually(lambda: set(hotline.all_words) == {"we are locked in Bavet", "they took our passports"})

    assert len(hotline.tickets) == 1


async def test_a_call_that_the_vendor_did_not_make_gets_an_empty_403(vendor: FakeVendor) -> None:
    if not vendor.calls_us:
        pytest.skip("this vendor calls nobody")
    call = vendor.call(vendor.person().typed(REPORT))
    for changed in ({}, {"content-type": "application/json"}):
        bare = type(call)(call.method, vendor.webhook_url, {}, changed, call.body)
        answer = await vendor.push_once(bare)

        assert (answer.status_code, answer.content) == (403, b"")


SHOWN = MappingProxyType(
    {
        Fault.TOO_MANY: 1,
        Fault.TOO_MANY_WITHOUT_A_WORD: 1,
        Fault.BLOCKED: 0,
        Fault.WINDOW_CLOSED: 0,
        Fault.REPLY_LOST: 1,
    }
)
"""How often a reply is seen whose first sending fails so; never twice."""


async def test_a_reply_that_fails_is_never_shown_twice_and_loses_no_report(
    vendor: FakeVendor, hotline: FakeHotline
) -> None:
    people = {}
    for fault in Fault:
        people[fault] = person = vendor.person()
        vendor.faults.append(fault)
        await person.say(REPORT)
        await eventually(lambda: not vendor.faults)
    await eventually(lambda: len(hotline.tickets) == len(people))
    for fault, times in SHOWN.items():
        await eventually(lambda who=people[fault], n=times: len({shown.text for shown in who.seen}) >= n)
    for person in people.values():
        texts = [shown.text for shown in person.seen]
        assert len(texts) == len(set(texts))


async def test_a_channel_that_is_well_says_so(service: Running, vendor: FakeVendor) -> None:
    assert (await service.readiness())[channel_of(vendor)]
