"""What the hotline says reaches the reporter with their next message, or in the hours they chose, and never else."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

from bot.channels.taps import tap_data
from bot.interview.letters import CAMBODIA
from tests.fakes.hotline import SECRET, FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.fakes.telegram import FakeTelegram
from tests.running import Running, WebReporter, eventually
from tests.stores import ON_SQLITE

QUESTION = "Which floor are you on? Only if it is safe."
REPORT = "we are 4 in bavet, they beat us"


async def calls(service: Running, ticket_id: str, name: str, body: Any, id_: str = "", secret: str = SECRET) -> int:
    id_, now, text = id_ or f"msg_{uuid4()}", datetime.now(UTC), json.dumps(body)
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, now, text),
    }
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{service.url}/hotline/tickets/{ticket_id}/{name}", content=text, headers=headers)
    return answer.status_code


async def filed(somebody: WebReporter, hotline: FakeHotline) -> dict[str, Any]:
    """Report, and stop: the ticket is filed."""
    await somebody.say(REPORT)
    await somebody.say("stop")
    ticket: dict[str, Any] = await eventually(lambda: next(iter(hotline.tickets.values()), None))
    return ticket


async def test_a_question_waits_for_the_next_message_and_the_ticket_says_so(
    service: Running, hotline: FakeHotline
) -> None:
    somebody = await WebReporter(service.url).begin()
    ticket = await filed(somebody, hotline)
    newest = lambda: hotline.tickets[ticket["ticket_id"]]  # noqa: E731

    assert await calls(service, ticket["ticket_id"], "messages", {"text": QUESTION, "language": "en"}) == 202
    await eventually(lambda: "question of the hotline waits" in newest()["summary"]["en"])
    said = await somebody.say("the third floor")
    await eventually(lambda: "waits" not in newest()["summary"]["en"])

    assert QUESTION in said["replies"][0]["text"]
    assert newest()["revision"] == 3
    assert QUESTION not in (await somebody.say("room 5"))["replies"][0]["text"], "it is given once"
    assert "third floor" in json.dumps(hotline.opened(newest()))


async def test_the_same_call_again_is_one_question_and_wrong_calls_change_nothing(
    service: Running, hotline: FakeHotline
) -> None:
    somebody = await WebReporter(service.url).begin()
    id_ = (await filed(somebody, hotline))["ticket_id"]

    assert [await calls(service, id_, "messages", {"text": QUESTION}, "msg_1") for _ in range(2)] == [202, 202]
    assert await calls(service, id_, "messages", {"text": "x"}, secret="whsec_" + "A" * 44) == 403
    assert await calls(service, str(uuid4()), "messages", {"text": QUESTION}) == 404
    assert await calls(service, "no-uuid", "messages", {"text": QUESTION}) == 400
    assert await calls(service, id_, "messages", {"text": ""}) == 400
    assert await calls(service, id_, "messages", ["x"]) == 400
    assert await calls(service, id_, "status", {"status": "lost"}) == 400
    assert (await somebody.say("hello again"))["replies"][0]["text"].count(QUESTION) == 1


async def test_who_wants_no_answer_gets_none(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    await somebody.say(REPORT)
    await somebody.choose("contact:never")
    await somebody.say("stop")
    ticket = await eventually(lambda: next(iter(hotline.tickets.values()), None))

    assert ticket["contact"] == {"may_reply": False, "window": "never"}
    assert await calls(service, ticket["ticket_id"], "messages", {"text": QUESTION}) == 409


TOLD = {"acknowledged": "have received", "in_progress": "working on it", "closed": "closed it"}


async def test_what_the_hotline_says_of_a_ticket_is_told_when_asked(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline, fake_nlu: FakeNlu
) -> None:
    fake_nlu.answer = {"intent": {"name": "ask_status", "confidence": 0.9}}
    async with Running(tmp_path / "state", **{**to_hotline, "nlu_url": fake_nlu.url}) as service:
        somebody = await WebReporter(service.url).begin()
        ticket = await filed(somebody, hotline)
        said = [(await somebody.say("any news?"))["replies"][0]["text"]]
        for status in TOLD:
            assert await calls(service, ticket["ticket_id"], "status", {"status": status}) == 202
            said.append((await somebody.say("any news?"))["replies"][0]["text"])

    heard = [[status for status, words in TOLD.items() if words in text] for text in said]
    assert heard == [[], ["acknowledged"], ["in_progress"], ["closed"]]


ENDS = (("night", 6), ("morning", 12), ("afternoon", 18), ("evening", 22), ("night", 24))


def window_now() -> str:
    hour = datetime.now(CAMBODIA).hour
    return next(name for name, end in ENDS if hour < end)


@ON_SQLITE
async def test_in_the_hours_they_chose_a_question_comes_by_itself_but_not_after_stop(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "state", **on_telegram) as bot:
        stopped, waiting, other = telegram.person(), telegram.person(), telegram.person()
        for person in (stopped, waiting, other):
            person.write(REPORT + ", they will sell us tonight")
            await eventually(lambda who=person: who.seen)
        for person in (stopped, waiting):
            person.tap_data(person.seen[-1], tap_data(None, f"contact:{window_now()}"))
        await eventually(lambda: all(len(who.seen) == 2 for who in (stopped, waiting)))
        stopped.write("stop")
        await eventually(lambda: len(stopped.seen) == 3)
        await eventually(lambda: len(hotline.tickets) == 3)
        for ticket_id in hotline.tickets:
            assert await calls(bot, ticket_id, "messages", {"text": QUESTION}) == 202
        await eventually(lambda: QUESTION in waiting.seen[-1].text)
        await asyncio.sleep(6)

        assert [len(who.seen) for who in (stopped, waiting, other)] == [3, 3, 1]
        other.write("still here")
        await eventually(lambda: len(other.seen) == 2)
        assert QUESTION in other.seen[-1].text
