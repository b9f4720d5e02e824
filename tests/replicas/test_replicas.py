"""Several replicas on one PostgreSQL: equal, and each takes over what another leaves behind."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.fakes.hotline import FakeHotline
from tests.fakes.postgres import Postgres
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.server import TOKEN
from tests.running import Running, WebReporter, eventually

DANGER = "they will sell us tonight, we are in Bavet"
TAKEOVER_SECONDS = 30.0
KEY = "A" * 43 + "="


@pytest.fixture
def shared(postgres: Postgres, to_hotline: dict[str, str]) -> dict[str, str]:
    """Settings that replicas share: one database, one data key."""
    return {**to_hotline, "database_url": postgres.new_database(), "data_key": KEY}


def freeze(service: Running, number: signal.Signals) -> None:
    assert service._process
    os.kill(service._process.pid, number)


def is_accepted(result: object) -> bool:
    return isinstance(result, httpx.Response) and result.is_success


async def test_a_conversation_goes_on_whichever_replica_is_asked(
    tmp_path: Path, shared: dict[str, str], hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "a", **shared) as one, Running(tmp_path / "b", **shared) as other:
        somebody = await WebReporter(one.url).begin()
        elsewhere = WebReporter(other.url)
        elsewhere.http.headers["authorization"] = somebody.http.headers["authorization"]
        texts = [DANGER, "12 people", "from Kenya", "white building"]
        for number, text in enumerate(texts):
            await (somebody, elsewhere)[number % 2].say(text)
        await eventually(lambda: len(hotline.arrived) == len(texts))

    (ticket_id,) = hotline.tickets
    assert hotline.words(hotline.tickets[ticket_id]) == texts
    assert hotline.revisions(ticket_id) == [1, 2, 3, 4]


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_what_a_dead_replica_accepted_another_takes_over_within_thirty_seconds(
    how: str, tmp_path: Path, shared: dict[str, str], hotline: FakeHotline
) -> None:
    hotline.status = 503
    async with Running(tmp_path / "a", **shared) as one, Running(tmp_path / "b", **shared):
        crowd = [await WebReporter(one.url).begin() for _ in range(12)]
        texts = [f"{DANGER} #{number}" for number in range(len(crowd))]
        sent = [asyncio.create_task(somebody.post({"text": text})) for somebody, text in zip(crowd, texts, strict=True)]
        await eventually(lambda: sum(task.done() for task in sent) >= 3)  # and more is on its way
        freeze(one, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        hotline.status = 204
        for task in sent:
            task.cancel()
        results = await asyncio.gather(*sent, return_exceptions=True)
        accepted = {text for text, result in zip(texts, results, strict=True) if is_accepted(result)}
        await eventually(lambda: accepted <= set(hotline.all_words), TAKEOVER_SECONDS)
        if how == "frozen":
            freeze(one, signal.SIGCONT)
            freeze(one, signal.SIGKILL)

    assert len(accepted) >= 3
    by_revision = [(event.data["ticket_id"], event.data["revision"]) for event in hotline.arrived]
    assert len(by_revision) == len(set(by_revision)), "no revision under two keys"


async def test_one_replica_polls_and_another_goes_on_when_it_dies(
    tmp_path: Path, shared: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    on_telegram = {**shared, "telegram_token": TOKEN, "telegram_api_url": telegram.url}
    async with Running(tmp_path / "a", **on_telegram) as one, Running(tmp_path / "b", **on_telegram):
        person = telegram.person()
        person.write(DANGER)
        await eventually(lambda: person.seen)
        await one.kill()
        person.write("12 people")
        await eventually(lambda: len(hotline.arrived) == 2, TAKEOVER_SECONDS)

    (ticket,) = hotline.tickets.values()
    assert hotline.words(ticket) == [DANGER, "12 people"]


async def test_a_database_that_is_killed_and_comes_back_is_found_again(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline, own_postgres: Postgres
) -> None:
    shared = {**to_hotline, "database_url": own_postgres.new_database()}
    async with Running(tmp_path / "a", **shared) as service:
        somebody = await WebReporter(service.url).begin()
        await somebody.say(DANGER)
        own_postgres.kill()
        refused = await somebody.post({"text": "12 people"}, id_="00000000-0000-4000-8000-000000000001")
        async with httpx.AsyncClient() as http:
            ready = await http.get(service.url + "/readyz", timeout=20)
        await asyncio.to_thread(own_postgres.start)

        async def accepted() -> bool:
            again = await somebody.post({"text": "12 people"}, id_="00000000-0000-4000-8000-000000000001")
            return again.is_success

        await eventually(accepted)
        await eventually(lambda: len(hotline.arrived) == 2)

    assert refused.status_code == 500
    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, False)
    (ticket,) = hotline.tickets.values()
    assert hotline.words(ticket) == [DANGER, "12 people"]
