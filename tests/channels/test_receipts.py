"""Words open a report again on any channel, and a hidden chat shows nothing of it."""

from pathlib import Path

from bot.i18n import receipts
from tests.fakes.hotline import FakeHotline
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.people import Person
from tests.running import Running, WebReporter, eventually
from tests.stores import ON_SQLITE
from tests.transcripts.conversation import receipt_in

REPORT = "we are 4 in bavet, they beat us"
UNKNOWN = "Nothing is known under these words."
WRONG = " ".join(receipts.words("en")[:8])


async def told(person: Person, text: str) -> str:
    """Write on Telegram, and give the answer."""
    before = len(person.seen)
    person.write(text)
    await eventually(lambda: len(person.seen) > before or (person.seen and before > len(person.seen)))
    return person.seen[-1].text


def words_in(text: str) -> str:
    words = receipt_in(text)
    assert words
    return words


async def test_words_given_on_telegram_open_the_same_report_on_the_web(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "state", **on_telegram) as service:
        person = telegram.person()
        await told(person, REPORT)
        words = words_in(await told(person, "receipt"))
        elsewhere = await WebReporter(service.url).begin()
        opened = await elsewhere.say(words.upper().replace(" ", ", "))
        await elsewhere.say("stop")
        ticket = await eventually(lambda: next(iter(hotline.tickets.values()), None))

        assert opened["replies"][0]["text"].startswith("Welcome back.")
        assert words not in opened["replies"][0]["text"]
        assert (ticket["channel"], ticket["location"]["province"]) == ("web", "KH-20")
        assert len(hotline.tickets) == 1
        assert "automatic helper" in await told(person, "hello"), "the phone before begins anew"


async def test_words_that_open_nothing_are_answered_alike_and_slowed(service: Running) -> None:
    somebody, guessing = [await WebReporter(service.url).begin() for _ in range(2)]
    await somebody.say(REPORT)
    words = words_in((await somebody.say("receipt"))["replies"][0]["text"])
    answers = [(await guessing.say(WRONG))["replies"][0]["text"] for _ in range(5)]

    assert answers == [UNKNOWN] * 5
    assert (await guessing.say(words))["replies"][0]["text"] == UNKNOWN, "the right words, too soon"
    assert (await guessing.say(words.rsplit(" ", 1)[0]))["replies"][0]["text"] != UNKNOWN, "seven words are words"
    assert (await somebody.say(words))["replies"][0]["text"].startswith("Welcome back.")


async def test_new_words_make_the_old_ones_worthless(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    await somebody.say(REPORT)
    old, new = [words_in((await somebody.say("receipt"))["replies"][0]["text"]) for _ in range(2)]
    elsewhere = await WebReporter(service.url).begin()

    assert (await elsewhere.say(old))["replies"][0]["text"] == UNKNOWN
    assert (await elsewhere.say(new))["replies"][0]["text"].startswith("Welcome back.")


@ON_SQLITE
async def test_a_hidden_chat_shows_nothing_of_before_and_stays_hidden_when_opened_elsewhere(
    tmp_path: Path, on_telegram: dict[str, str], telegram: FakeTelegram, hotline: FakeHotline
) -> None:
    async with Running(tmp_path / "state", **on_telegram) as service:
        person = telegram.person()
        assert "write Receipt" in await told(person, "hide"), "never without words that open it"
        await told(person, REPORT)
        words = words_in(await told(person, "receipt"))
        person.write("hide")
        await eventually(lambda: len(person.seen) == 1 and "weather" in person.seen[-1].text)
        said = [await told(person, text) for text in ("weather", "stop", "erase", "who are you", REPORT)]
        elsewhere = await WebReporter(service.url).begin()
        await elsewhere.say(words)
        said.append(await told(person, "hello"))
        ticket = await eventually(lambda: next(iter(hotline.tickets.values()), None))

        assert all("weather" in text.lower() for text in said)
        assert "°C" in said[0]
        assert len(hotline.tickets) == 1, "what is typed into the assistant is no report"
        assert ticket["status"] == "partial"


async def test_what_was_begun_on_the_other_phone_is_filed_and_not_lost(service: Running, hotline: FakeHotline) -> None:
    first, second = [await WebReporter(service.url).begin() for _ in range(2)]
    await first.say(REPORT)
    words = words_in((await first.say("receipt"))["replies"][0]["text"])
    await second.say("my brother is held in poipet")
    await second.say(words)
    await second.say("stop")
    await eventually(lambda: len(hotline.tickets) == 2)

    assert {ticket["location"]["province"] for ticket in hotline.tickets.values()} == {"KH-20", "KH-1"}
