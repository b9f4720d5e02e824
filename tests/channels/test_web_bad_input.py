"""Whatever is typed or sent in the web chat gets a clear answer in the reporter's language, and loses nothing."""

import uuid

import httpx

from tests.fakes.hotline import FakeHotline
from tests.running import Running, WebReporter, eventually
from tests.stores import ON_SQLITE

RTL, ZERO_WIDTH = "\u202e\u200f\u2067", "\u200b\u200d\ufeff\u2060"


async def ticket_words(hotline: FakeHotline, somebody: WebReporter) -> list[str]:
    await somebody.choose("province:KH-1")
    await somebody.choose("done")
    (ticket,) = await eventually(lambda: list(hotline.tickets.values()))
    return hotline.words(ticket)


async def test_a_hundred_thousand_characters_are_kept_whole(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url).begin()
    long = "ជួយផង " * 16_667
    said = await somebody.say(long)

    assert "All of it was kept" in said["replies"][0]["text"] or "រក្សា" in said["replies"][0]["text"]
    assert await ticket_words(hotline, somebody) == [long]


NOTHING = ("", "   \n\t ", ZERO_WIDTH, RTL, "\u2800\u3164")


@ON_SQLITE
async def test_a_message_without_anything_in_it_is_answered_kindly(service: Running) -> None:
    for nothing in NOTHING:
        somebody = await WebReporter(service.url).begin()
        said = await somebody.say(nothing)

        assert "without words" in said["replies"][0]["text"], ascii(nothing)


ODD = ("😭😭🙏", f"{RTL}help{ZERO_WIDTH}", "\ud83d", "\x00\x07 help", "a" * 4097)


async def test_odd_words_are_kept_as_they_are(service: Running, hotline: FakeHotline) -> None:
    for odd in ODD:
        somebody = await WebReporter(service.url).begin()
        await somebody.say(odd)
        await somebody.choose("province:KH-1")
        await somebody.choose("done")
    await eventually(lambda: len(hotline.tickets) == len(ODD))
    kept = [hotline.words(ticket) for ticket in hotline.tickets.values()]

    assert sorted(kept) == sorted([odd.encode("utf-8", "replace").decode()] for odd in ODD)


OFF_THE_GLOBE = ((91, 0), (0, 181), (-90.5, 12), (1e5, 1e5))


@ON_SQLITE
async def test_a_place_off_the_globe_is_asked_for_again(service: Running) -> None:
    for lat, lon in OFF_THE_GLOBE:
        somebody = await WebReporter(service.url).begin()
        said = await somebody.pin(lat, lon)

        assert "cannot be read" in said["replies"][0]["text"], (lat, lon)


@ON_SQLITE
async def test_a_file_of_25_mb_is_refused_in_the_reporters_language(service: Running, hotline: FakeHotline) -> None:
    somebody = await WebReporter(service.url, language="vi").begin()
    await somebody.say("chúng tôi ở Bavet")
    answer = await somebody.send_file("v.mp4", b"\0" * (25 * 1024 * 1024), "video/mp4")

    assert answer.status_code == 413
    assert "20 MB" in answer.json()["replies"][0]["text"]
    assert await ticket_words(hotline, somebody) == ["chúng tôi ở Bavet"]


@ON_SQLITE
async def test_a_beginning_of_5_mb_is_refused(service: Running) -> None:
    async with httpx.AsyncClient(base_url=service.url) as client:
        answer = await client.post("/chat", content=b" " * (5 * 1024 * 1024))

    assert answer.status_code == 413


async def test_the_same_id_again_gives_the_same_answer_and_changes_nothing(
    service: Running, hotline: FakeHotline
) -> None:
    somebody = await WebReporter(service.url).begin()
    id_ = str(uuid.uuid4())
    answers = [(await somebody.post({"text": "help us in Bavet"}, id_)).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert await ticket_words(hotline, somebody) == ["help us in Bavet"]


MALFORMED = (
    b"{",
    b"[]",
    b'"x"',
    b'{"id": "7", "text": "x"}',
    b'{"id": "6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11"}',
    b'{"id": "6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11", "text": 7}',
    b'{"id": "6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11", "location": {"lat": "x", "lon": 1}}',
    b'{"id": "6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11", "location": {"lat": NaN, "lon": 1}}',
    b"[" * 100_000,
    b"\xff\xfe",
)


@ON_SQLITE
async def test_a_malformed_call_is_refused(service: Running) -> None:
    somebody = await WebReporter(service.url).begin()
    for body in MALFORMED:
        answer = await somebody.http.post("/chat/messages", content=body)

        assert answer.status_code == 400, body[:80]


NO_TOKENS_OF_OURS = ("", "Bearer", "Bearer x", "Basic eHh4", "Bearer " + "A" * 43)


@ON_SQLITE
async def test_without_a_token_of_ours_nothing_is_said(service: Running) -> None:
    somebody = WebReporter(service.url)
    for token in NO_TOKENS_OF_OURS:
        somebody.http.headers["authorization"] = token
        answer = await somebody.post({"text": "x"})

        assert answer.status_code == 401, token


async def test_nobody_reads_another_ones_answers(service: Running) -> None:
    one, other = await WebReporter(service.url).begin(), await WebReporter(service.url).begin()
    id_ = str(uuid.uuid4())
    await one.post({"text": "we are held in Pailin, 12 people"}, id_)
    answer = await other.post({"choice": "done"}, id_)

    assert "Pailin" not in answer.text
