"""Names, phones, documents and places in several scripts go through every path, exceptions included; then they are
looked for in the database files, logs, metrics, the open part and temporary files."""

import asyncio
import io
import json
import tempfile
import urllib.parse
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.hotline import FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.fakes.telegram import FakeTelegram
from tests.running import Running, WebReporter, eventually

CANARIES = (
    "Nguyễn Thị Quỳnh",
    "陳曉明測試",
    "សុខ ចាន់ធារី",
    "Wanjiru Kamau-Otieno",
    "+84 912 345 678",
    "០១២៣៤៥៦៧៨",
    "B1234567X",
    "金水园区三栋508",
    "តូបគីនីលេខ៩",
    "Building Kingfisher-77",
    "@quiet_zebra_handle",
)


def files_below(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def spellings(canary: str) -> set[bytes]:
    """Every way in which a text could have leaked: plain, escaped, in another encoding, without blanks."""
    forms = {canary, canary.replace(" ", ""), json.dumps(canary)[1:-1], urllib.parse.quote(canary)}
    return {form.encode(encoding) for form in forms for encoding in ("utf-8", "utf-16-le")}


def assert_no_trace(*places: bytes) -> None:
    for number, canary in enumerate(CANARIES):
        for spelling in spellings(canary):
            for place in places:
                assert spelling not in place, f"canary {number}"  # named by number: a report is read by many


def photo_with_words() -> bytes:
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "Building Kingfisher-77"  # ImageDescription
    Image.new("RGB", (60, 40)).save(held, "JPEG", exif=exif)
    return held.getvalue()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own for temporary files of the service."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


async def through_the_web(service: Running) -> None:
    for canary in CANARIES:
        somebody = await WebReporter(service.url).begin()
        await somebody.say(f"my name is {canary}, held in Bavet, they will sell me tonight, call {canary}")
        await somebody.post({"choice": canary[:60]})
        await somebody.http.post("/chat/messages", content=json.dumps({"id": canary, "text": canary}))
        await somebody.http.post("/chat/messages", content=('{"broken": "' + canary).encode())
        await somebody.send_file(f"{canary}.jpg", photo_with_words(), "image/jpeg", caption=canary)
        await somebody.send_file(f"{canary}.jpg", canary.encode(), "image/jpeg", caption=canary)
        answer = await somebody.http.get("/" + urllib.parse.quote(canary))
        assert canary not in answer.text


async def through_telegram(telegram: FakeTelegram) -> None:
    for canary in CANARIES:
        person = telegram.person()
        said = person.write(f"{canary} is beaten in Poipet and bleeding")
        person.edit(said, f"{canary} is beaten in Bavet and bleeding")
        person.send_contact(canary, canary)
        person.send_photo(photo_with_words(), canary)
        person.send_document(canary.encode(), f"{canary}.txt")
        telegram.updates.last_id += 1
        broken = {"text": canary, "chat": {"id": person.id}, "date": []}
        telegram.updates.repeat({"update_id": telegram.updates.last_id, "message": broken}, f"chat {person.id}")
        await eventually(lambda who=person: len(who.seen) >= 5)  # an edit is taken without a word


@pytest.mark.parametrize("hotline_answers", [204, 503])
async def test_no_trace_of_what_people_wrote_is_left_anywhere_in_clear(
    hotline_answers: int,
    tmp_path: Path,
    temporary: Path,
    on_telegram: dict[str, str],
    telegram: FakeTelegram,
    hotline: FakeHotline,
    fake_nlu: FakeNlu,
    request: pytest.FixtureRequest,
) -> None:
    hotline.status = hotline_answers
    fake_nlu.answer = "an answer that makes the client fall back " + CANARIES[0]
    async with Running(tmp_path / "state", **{**on_telegram, "nlu_url": fake_nlu.url}) as service:
        await through_telegram(telegram)
        await through_the_web(service)
        metrics = (await service.metrics()).encode()
        await asyncio.sleep(0.5)
        await service.kill()  # nothing is tidied up before it is looked at

    kept = [path.read_bytes() for path in files_below(tmp_path / "state")]
    if "database_url" in on_telegram:
        kept += [path.read_bytes() for path in files_below(request.getfixturevalue("postgres").data)]
    spilled = [path.read_bytes() for path in files_below(temporary)]
    assert len(kept) >= 3
    assert_no_trace(*kept, *spilled, service.log.read_bytes(), metrics, *hotline.bodies)
    assert_no_trace(*(str(path).encode() for path in [*files_below(tmp_path / "state"), *files_below(temporary)]))
    assert Path(tempfile.gettempdir()) != temporary
    if hotline_answers == 204:
        opened = " ".join(json.dumps(hotline.opened(t), ensure_ascii=False) for t in hotline.tickets.values())
        assert all(canary in opened for canary in CANARIES), "the hotline gets every word"
