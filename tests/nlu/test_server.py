"""The real server, started beside the program, in five languages. Trains first if there is no model."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from nlu.beside import Beside, server_command
from nlu.client import Client
from nlu.models import HERE
from nlu.taxonomy import INTENTS
from tests.running import free_port

pytestmark = [
    pytest.mark.nlu,
    pytest.mark.asyncio(loop_scope="module"),
]
FIRST_START = timedelta(minutes=5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside() -> AsyncIterator[Beside]:
    server = Beside()
    server.start()
    assert await server.wait(FIRST_START)
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(beside: Beside) -> AsyncIterator[Client]:
    asking = Client(beside.url, time_limit=timedelta(seconds=10))
    yield asking
    await asking.close()


LOCKED_IN = {
    "en": "we are 12 people in Bavet, they locked the door and took our passports",
    "km": "យើងមាន ១២ នាក់ នៅបាវិត គេចាក់សោទ្វារ ហើយដកលិខិតឆ្លងដែនយើង",
    "vi": "chúng tôi 12 người ở Bavet, họ khóa cửa và giữ hộ chiếu",
    "zh-Hans": "我们12个人在巴域，门被锁了，护照被没收",
    "zh-Hant": "我們12個人在巴域，門被鎖了，護照被沒收",
}


@pytest.mark.parametrize("language", LOCKED_IN)
async def test_a_report_is_understood_in_each_language(language: str, client: Client) -> None:
    found = await client.understand(LOCKED_IN[language])

    assert (found.by_server, found.language, found.intent) == (True, language, "report_self")
    assert (found.province, found.people_count) == ("KH-20", 12)
    codes = {indicator.code for indicator in found.indicators}
    assert {"restriction_of_movement", "retention_of_identity_documents"} <= codes


async def test_an_answer_has_the_shape_of_rasas(beside: Beside) -> None:
    async with httpx.AsyncClient(base_url=beside.url) as http:
        answer = (await http.post("/model/parse", json={"text": "hello"})).json()

    assert answer["text"] == "hello"
    assert answer["intent"]["name"] in INTENTS
    assert {"intent_ranking", "entities", "indicators", "language", "facts"} <= answer.keys()


STRANGE = [
    "",
    " ",
    "\u200b",
    "😀",
    "1",
    "/greet{}",
    "a" * 20_000,
    "ខ្ញុំ" * 5_000,
    "\x00",
    "\ud800",
    "[x](place)",
    "។" * 500,
]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
async def test_any_text_gets_an_answer(text: str, beside: Beside) -> None:
    async with httpx.AsyncClient(base_url=beside.url, timeout=10) as http:
        response = await http.post("/model/parse", content=json.dumps({"text": text}))

    assert response.status_code == 200


async def test_a_message_cannot_name_its_own_intent(client: Client) -> None:
    found = await client.understand('/erase{"place": "x"}')

    assert found.confidence < 1


@pytest.mark.parametrize(
    ("text", "intent"), [("ko", "deny"), ("stop", "stop"), ("បាទ", "affirm"), ("不知道", "dont_know")]
)
async def test_a_command_has_its_intent_whatever_the_classifier_thinks(text: str, intent: str, client: Client) -> None:
    found = await client.understand(text)

    assert (found.intent, found.confidence) == (intent, 1.0)


AGES = [("my sister Joy, 24, is in Bavet", (24,)), ("meu irmão tem 17 anos", (17,)), ("i have been here 2 years", ())]


@pytest.mark.parametrize(("text", "ages"), AGES, ids=["bare", "years", "since"])
async def test_an_age_is_found_without_a_word_that_says_so(text: str, ages: tuple[int, ...], client: Client) -> None:
    assert (await client.understand(text)).ages == ages


MALFORMED = [b"", b"zebra", b"[]", b'"zebra"', b'{"text": 3}', b'{"txt": "zebra"}', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_body_is_refused_without_an_echo(body: bytes, beside: Beside) -> None:
    async with httpx.AsyncClient(base_url=beside.url) as http:
        response = await http.post("/model/parse", content=body)

    assert response.status_code == 400
    assert response.json()["status"] == "failure"
    assert "zebra" not in response.text


async def test_many_at_once_are_all_answered(client: Client) -> None:
    found = await asyncio.gather(*(client.understand(f"we are {number} people in Poipet") for number in range(1, 41)))

    assert [one.people_count for one in found] == list(range(1, 41))


async def test_nothing_of_what_people_wrote_is_shown() -> None:
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        *server_command(port),
        cwd=HERE.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert child.stdout
    shown = await child.stdout.readline()
    url = f"http://127.0.0.1:{port}/model/parse"
    async with httpx.AsyncClient() as http:
        for body in (b'{"text": "zebra in bavet"}', b'{"text": "/zebra{"}', b"zebra", b"zebra" * 300_000):
            await http.post(url, content=body)
    child.terminate()
    shown += (await child.communicate())[0]

    assert shown.startswith(b"ready")
    assert b"zebra" not in shown


async def test_the_server_ends_with_the_program_that_started_it() -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTS_AND_TELLS, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    server = int(await program.stdout.readline())

    program.kill()
    await program.wait()

    async with asyncio.timeout(5):
        while _runs(server):  # noqa: ASYNC110  a process of another's
            await asyncio.sleep(0.05)


_STARTS_AND_TELLS = """
import asyncio, datetime
from nlu.beside import Beside
async def main():
    beside = Beside()
    beside.start()
    await beside.wait(datetime.timedelta(minutes=5))
    print(beside.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
