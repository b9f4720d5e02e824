"""The whole way on Telegram: `quietline run` in its own process, against a Bot API server on loopback."""

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.fakes.hotline import FakeHotline
from tests.fakes.telegram import FakeTelegram, Fault, Person
from tests.fakes.telegram.faults import Kind
from tests.running import Running, eventually
from tests.stores import ON_SQLITE

REPORT = "we are 12 people locked in Bavet, they took our passports"


IN_EITHER_WAY = pytest.mark.parametrize(
    ("bot", "on_each_store"), [("polling", "sqlite"), ("webhook", "postgresql")], indirect=True
)
"""How updates come and where they are kept do not meet, so that each of both is shown once."""


@pytest.fixture
def bot(request: pytest.FixtureRequest, tmp_path: Path, on_telegram: dict[str, str]) -> Running:
    """The service, not started yet, told its updates in either way."""
    return Running(tmp_path / "state", by_webhook=request.param == "webhook", **on_telegram)


async def ticket_of(hotline: FakeHotline) -> dict[str, Any]:
    tickets = await eventually(lambda: list(hotline.tickets.values()))
    ticket: dict[str, Any] = tickets[-1]
    return ticket


async def answered(person: Person, after: int) -> None:
    await eventually(lambda: len(person.seen) > after)


async def quiet(telegram: FakeTelegram) -> None:
    """Wait until nothing waits at Telegram and the bot has said nothing new for a while."""
    calls = -1
    while telegram.updates.waiting or calls != len(telegram.called("sendMessage")):
        calls = len(telegram.called("sendMessage"))
        await asyncio.sleep(1.0)


@IN_EITHER_WAY
async def test_a_report_becomes_a_sealed_ticket(bot: Running, telegram: FakeTelegram, hotline: FakeHotline) -> None:
    async with bot:
        person = telegram.person()
        person.write(REPORT)
        ticket = await ticket_of(hotline)

        await eventually(lambda: [message for message in person.chat.messages if message.asks_place])

        assert ticket["location"] == {"country": "KH", "province": "KH-20", "precision": "province", "basis": "stated"}
        assert ticket["people"]["count_band"] == "6-20"
        assert hotline.words(ticket) == [REPORT]
        await answered(person, 0)
        assert all(m.sent_with["disable_notification"] and m.sent_with["protect_content"] for m in person.seen)


@IN_EITHER_WAY
async def test_a_whole_interview_by_taps_ends_with_a_summary(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        person.write("/start")
        for label in (
            "Yes",
            "Svay Rieng",
            "Skip",
            "Me / others with me",
            "6-20 people",
            "Locked, can't leave",
        ):
            shown = await eventually(lambda wanted=label: [m for m in person.seen if wanted in m.buttons])
            tap = person.tap(label)
            await eventually(lambda wanted=tap: wanted in telegram.answered_taps)
            await answered(person, person.seen.index(shown[-1]) + 1)
        ticket = await eventually(
            lambda: next((t for t in hotline.tickets.values() if t["status"] == "complete"), None)
        )

        assert ticket["reporter_role"] == "affected"
        assert ticket["people"] == {"count_band": "6-20", "nationalities": [], "minor": "unknown"}
        assert ticket["indicators"] == [{"code": "restriction_of_movement", "basis": "answered"}]
        assert "Svay Rieng" in person.seen[-1].text
        assert ticket["sealed"] is None  # not a word was typed


@IN_EITHER_WAY
async def test_the_same_update_again_changes_nothing(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        person.write(REPORT)
        (again,) = [waiting.update for waiting in telegram.updates.waiting]
        await ticket_of(hotline)
        for _ in range(3):
            telegram.updates.repeat(again, f"chat {person.id}")
        await quiet(telegram)

        assert len(person.seen) == 1
        assert [e.data["revision"] for e in hotline.arrived] == [1]


@IN_EITHER_WAY
async def test_an_edit_a_sticker_and_an_update_that_cannot_be_read_do_not_stop_the_rest(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person, other = telegram.person(), telegram.person()
        said = person.write("help us in Bavet they beat us")
        await answered(person, 0)
        person.send_sticker()
        await answered(person, 1)
        broken = {"update_id": telegram.updates.last_id + 1, "message": {"message_id": "no number", "chat": []}}
        telegram.updates.last_id += 1
        telegram.updates.repeat(broken, "chat broken")
        other.write("my brother is held in Poipet")
        person.edit(said, "help us in Poipet they beat us")
        await eventually(lambda: len(hotline.tickets) == 2)
        await quiet(telegram)

        assert set(hotline.all_words) == {
            "help us in Bavet they beat us",
            "help us in Poipet they beat us",
            "my brother is held in Poipet",
        }
        assert "cannot read this kind" in person.seen[1].text
        assert not telegram.updates.waiting


@IN_EITHER_WAY
async def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    people = [telegram.person() for _ in range(8)]
    texts = [f"{number} people locked in Bavet, beaten" for number in range(10, 18)]
    await bot.start()
    for person, text in zip(people, texts, strict=True):
        person.write(text)
        person.write(f"more from me: {text}")
    for pause in (0.1, 0.4, 0.9):
        await asyncio.sleep(pause)
        await bot.kill()
        await bot.start()
    wanted = {text for t in texts for text in (t, f"more from me: {t}")}
    await eventually(lambda: set(hotline.all_words) >= wanted)
    await quiet(telegram)
    await bot.stop()

    assert sorted(hotline.all_words) == sorted(wanted)
    assert len(hotline.tickets) == len(people)
    assert all(hotline.revisions(id_) == sorted(set(hotline.revisions(id_))) for id_ in hotline.tickets)
    assert all(len(person.seen) <= 2 for person in people)


@IN_EITHER_WAY
async def test_photo_voice_video_file_pin_and_contact_are_sealed(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        sends = [
            lambda: person.send_photo(_photo(), "the gate"),
            lambda: person.send_voice(b"OggS voice"),
            lambda: person.send_video(b"video"),
            lambda: person.send_document(b"%PDF", "paper.pdf"),
            lambda: person.send_location(11.0665, 106.1656),
            lambda: person.send_contact("Agent", "+85512345678"),
        ]
        for number, send in enumerate(sends):
            send()
            await answered(person, number)
        person.write("done")
        ticket = await eventually(
            lambda: next((t for t in hotline.tickets.values() if t["status"] == "complete"), None)
        )
        opened = {part["kind"]: part for part in hotline.opened(ticket)}

        assert ticket["evidence"] == {"photo": 1, "voice": 1, "video": 1, "file": 1, "pin": 1}
        assert ticket["location"]["province"] == "KH-20"
        assert opened["photo"]["text"] == "the gate"
        assert opened["contact"]["contact"] == "Agent\n+85512345678"
        assert opened["pin"]["location"]["lat"] == 11.0665


def _photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(held, "JPEG", exif=Image.Exif())
    return held.getvalue()


@IN_EITHER_WAY
async def test_erase_deletes_both_sides_and_withdraws(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        person.write(REPORT)
        await ticket_of(hotline)
        await answered(person, 0)
        person.write("erase")
        await eventually(lambda: [t for t in hotline.tickets.values() if t["status"] == "withdrawn"])
        await eventually(lambda: [m.text for m in person.chat.messages if not m.mine and "Deleted" in m.text])

        assert len(person.chat.messages) == 1
        (ticket,) = hotline.tickets.values()
        assert ticket["sealed"] is None


@IN_EITHER_WAY
async def test_a_phone_that_moves_with_a_live_location_is_sent_nothing(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        said = person.send_location(11.06, 106.16)
        await answered(person, 0)
        for step in range(4):
            person.move(said, 11.06 + step / 1000, 106.16)
        await quiet(telegram)
        ticket = await ticket_of(hotline)

        assert len(person.seen) == 1
        assert ticket["evidence"] == {"pin": 1}


@IN_EITHER_WAY
async def test_a_wipe_that_telegram_puts_off_is_made_later(bot: Running, telegram: FakeTelegram) -> None:
    telegram.faults.plan(Fault("deleteMessages", Kind.TOO_MANY))
    telegram.faults.plan(Fault("deleteMessages", Kind.SERVER_ERROR))
    async with bot:
        person = telegram.person()
        person.write(REPORT)
        await answered(person, 0)
        person.write("erase")
        await eventually(lambda: [m for m in person.chat.messages if "Deleted" in m.text])

        assert len(person.chat.messages) == 1


@IN_EITHER_WAY
async def test_a_report_filed_in_silence_sends_not_a_byte(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        person.write("in Kampot")
        await eventually(lambda: len(telegram.called("sendMessage")) == 2)  # the question, and a button for the place
        ticket = await ticket_of(hotline)
        await bot.kill()
        await bot.start()
        await quiet(telegram)

        assert ticket["status"] == "partial"
        assert len(telegram.called("sendMessage")) == 2


@IN_EITHER_WAY
async def test_somebody_who_blocks_the_bot_leaves_what_they_said(
    bot: Running, telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with bot:
        person = telegram.person()
        person.write("in Kampot")
        await answered(person, 0)
        person.block()
        ticket = await ticket_of(hotline)

        assert ticket["status"] == "partial"
        assert ticket["location"]["province"] == "KH-7"


SHOWN = {Kind.SERVER_ERROR: 0, Kind.DROPPED: 0, Kind.REPLY_LOST: 1, Kind.TOO_MANY: 1}
"""How often a reply is seen whose first sending fails so: never again where nobody knows whether it was sent."""


@ON_SQLITE
async def test_a_reply_that_fails_is_never_shown_twice(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    people = {kind: telegram.person() for kind in SHOWN}
    async with Running(tmp_path / "state", **on_telegram):
        for kind, person in people.items():
            telegram.faults.plan(Fault("sendMessage", kind))
            person.write(REPORT)
            await eventually(lambda: not telegram.faults.waiting("sendMessage"))
            await eventually(lambda who=person, times=SHOWN[kind]: len(who.seen) == times)
        await eventually(lambda: len(hotline.tickets) == len(people))
        await quiet(telegram)

    assert {kind: len(person.seen) for kind, person in people.items()} == SHOWN


MALFORMED = {
    "wrong secret": ("wrong", b"{}", 403),
    "no secret": ("", b"{}", 403),
    "not JSON": (None, b"{nonsense", 400),
    "not an object": (None, b"[1]", 400),
}


@ON_SQLITE
async def test_a_malformed_webhook_gets_an_empty_refusal(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram
) -> None:
    async with Running(tmp_path / "state", by_webhook=True, **on_telegram) as bot, httpx.AsyncClient() as http:
        await eventually(lambda: telegram.secret)
        for name, (secret, body, status) in MALFORMED.items():
            headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.secret if secret is None else secret}
            answer = await http.post(bot.url + "/telegram/webhook", content=body, headers=headers)

            assert (answer.status_code, answer.content) == (status, b""), name
