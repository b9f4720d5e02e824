"""The page of one button, for a channel that has none: who it is for, and when it says nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import regex

from tests.fakes.hotline import FakeHotline
from tests.fakes.vendors.base import Person
from tests.fakes.vendors.table import FAKES, answering
from tests.running import Running, eventually

HERE = {"lat": 11.0665, "lon": 106.1656, "accuracy": 20.0}


class Place:
    """A reporter on Messenger who was asked for the exact place, and the link that they got."""

    def __init__(self, service: Running, person: Person, token: str) -> None:
        self.service, self.person, self.token = service, person, token

    async def send(self, token: str | None = None, **place: float) -> int:
        body = {"token": self.token if token is None else token, **(place or HERE)}
        async with httpx.AsyncClient() as http:
            return (await http.post(self.service.url + "/place", json=body)).status_code


@pytest.fixture
async def place(tmp_path: Path, to_hotline: dict[str, str]) -> AsyncIterator[Place]:
    async with answering(FAKES["messenger"]()) as fake:
        service = Running(tmp_path / "state", by_webhook=True, **to_hotline, **fake.settings, silence_seconds="2")
        fake.webhook_url = f"{service.url}/messenger/webhook"
        async with service:
            person = fake.person()
            await person.say("we are locked in Bavet, they beat us")
            link = await eventually(lambda: [m for m in person.seen if "/place#" in m.text])
            found = regex.search(r"/place#(\S+)", link[0].text)
            assert found
            yield Place(service, person, found[1])


async def test_a_place_is_sealed_and_answered_in_the_chat_and_the_same_again_is_one(
    place: Place, hotline: FakeHotline
) -> None:
    assert [await place.send(), await place.send()] == [200, 200]
    await eventually(lambda: [m for m in place.person.seen if "location was received" in m.text])
    ticket = await eventually(lambda: next((t for t in hotline.tickets.values() if t["evidence"].get("pin")), None))

    assert ticket["evidence"]["pin"] == 1
    assert [part["location"]["lat"] for part in hotline.opened(ticket) if part["kind"] == "pin"] == [HERE["lat"]]


async def test_a_better_place_by_the_same_link_is_taken_too(place: Place, hotline: FakeHotline) -> None:
    assert await place.send() == 200
    assert await place.send(lat=11.0701, lon=106.1702) == 200
    await eventually(lambda: any(t["evidence"].get("pin") == 2 for t in hotline.tickets.values()))


@pytest.mark.parametrize("token", ["", "nonsense", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"])
async def test_a_link_that_is_not_ours_is_refused(place: Place, token: str) -> None:
    assert await place.send(token) == 403


async def test_after_an_erasure_a_link_begins_nothing(place: Place) -> None:
    await place.person.say("erase")
    await eventually(lambda: any("Deleted" in m.text or "delete" in m.text.lower() for m in place.person.seen[1:]))
    said = len(place.person.seen)

    assert await place.send() == 403
    await asyncio.sleep(1.0)
    assert len(place.person.seen) == said


async def test_the_page_names_no_hotline_and_the_link_holds_no_address(place: Place) -> None:
    async with httpx.AsyncClient() as http:
        page = (await http.get(place.service.url + "/place", headers={"accept-language": "en"})).text

    assert "hotline" not in page.lower()
    assert place.person.id not in place.token
