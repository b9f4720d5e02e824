"""WhatsApp's own: whom an answer reaches, what our account says of itself, and how faithful the fake is."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.channels.health import Fault
from bot.channels.plan import Part
from bot.channels.whatsapp.vendor import WhatsApp
from bot.channels.wire import Call, Request, Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address
from bot.model.private import Private
from tests.fakes.serving import serving
from tests.fakes.vendors.whatsapp import BURST, BUSINESS, NUMBER, TOKEN, WINDOW_SECONDS, FakeWhatsApp, WhatsAppPerson
from tests.vendors.recorded.whatsapp import ACCOUNT, USER, VENDOR

URL = "https://line.example/whatsapp/webhook"
UNWATCHED = WhatsApp(ACCOUNT.model_copy(update={"business_account_id": ""}), URL)


def answer(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, body=json.dumps(body).encode())


def error(status: int, code: int) -> Response:
    return answer(status, {"error": {"message": "no", "type": "OAuthException", "code": code}})


# --- whom an answer reaches ---


@pytest.mark.parametrize(
    ("user", "addressed"),
    [(USER, {"recipient": USER}), ("85512345678", {"to": "+85512345678"})],
    ids=["an-id-is-no-number", "a-number-keeps-its-country"],
)
def test_an_answer_goes_to_whom_it_is_for(user: str, addressed: dict[str, str]) -> None:
    sent = VENDOR.message(Part("hi"), Address("whatsapp", Private(user))).json

    assert sent is not None
    assert {name: sent[name] for name in ("to", "recipient") if name in sent} == addressed


def test_a_number_is_the_same_reporter_with_its_plus_and_without() -> None:
    users = set()
    for number in ("959123456789", "+959123456789"):
        message = {"id": "wamid.1", "from": number, "type": "text", "text": {"body": "hi"}}
        value = {"metadata": {"phone_number_id": NUMBER}, "messages": [message]}
        body = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
        users.update(item.user for item in VENDOR.items(Call("POST", URL, body=json.dumps(body).encode())))

    assert users == {"959123456789"}


# --- what a refusal means ---


@pytest.mark.parametrize(
    ("status", "code", "meant", "seconds"),
    [
        (401, 190, SendLater, 60.0),
        (500, 3, SendLater, 60.0),
        (400, 131042, SendLater, 60.0),
        (400, 130429, SendLater, 6.0),
        (400, 131056, SendLater, 6.0),
        (503, 131016, SendLater, None),
        (400, 131047, SendNever, None),
        (400, 131026, SendNever, None),
        (400, 131009, SendNever, None),
        (500, 131000, SendError, None),
    ],
)
def test_a_refusal_means_what_meta_says(status: int, code: int, meant: type[SendError], seconds: float | None) -> None:
    with pytest.raises(SendError) as raised:
        VENDOR.outcome(error(status, code))

    assert type(raised.value) is meant
    assert getattr(raised.value, "seconds", None) == seconds


# --- what our account says of itself ---

OF_THE_NUMBER = [
    ({"application": URL}, None),
    ({"application": URL + "/"}, None),
    ({"application": "https://other.example", "whatsapp_business_account": URL}, None),
    ({"application": URL, "whatsapp_business_account": "https://other.example"}, Fault.WEBHOOK_ELSEWHERE),
    (
        {"application": URL, "whatsapp_business_account": URL, "phone_number": "https://other.example"},
        Fault.WEBHOOK_ELSEWHERE,
    ),
    ({"application": "https://other.example"}, Fault.WEBHOOK_ELSEWHERE),
    ({}, None),
]


@pytest.mark.parametrize(("levels", "fault"), OF_THE_NUMBER)
def test_of_three_addresses_the_narrowest_counts(levels: dict[str, str], fault: Fault | None) -> None:
    number, _ = VENDOR.inquiries()

    assert number.judge(answer(200, {"id": NUMBER, "webhook_configuration": levels})) is fault


def test_nobody_is_told_of_another_webhook_where_none_can_be_ours() -> None:
    (number,) = WhatsApp(UNWATCHED._account, "").inquiries()

    assert number.judge(answer(200, {"webhook_configuration": {"application": "https://other.example"}})) is None


@pytest.mark.parametrize(
    ("apps", "fault"),
    [([], Fault.NOT_SUBSCRIBED), ([{"whatsapp_business_api_data": {"id": "1", "name": "Messages"}}], None)],
)
def test_an_account_that_no_app_hears_of_is_not_well(apps: list[Any], fault: Fault | None) -> None:
    _, subscribed = VENDOR.inquiries()

    assert subscribed.judge(answer(200, {"data": apps})) is fault


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (error(401, 190), Fault.TOKEN_REVOKED),
        (error(403, 10), Fault.NO_PERMISSION),
        (error(400, 100), Fault.NO_SUCH_ACCOUNT),
        (Response(502), Fault.UNREACHABLE),
        (Response(200, body=b"["), None),
    ],
)
def test_a_refused_question_is_told_apart(response: Response, fault: Fault | None) -> None:
    number, _ = VENDOR.inquiries()

    assert number.judge(response) is fault


def test_without_the_business_account_nothing_is_asked_of_it() -> None:
    assert [inquiry.request.url for inquiry in UNWATCHED.inquiries()] == [VENDOR.inquiries()[0].request.url]


def test_where_nobody_reaches_us_no_webhook_is_set() -> None:
    assert WhatsApp(ACCOUNT, "").registration() == ()


# --- against the fake ---


@pytest.fixture
async def fake() -> AsyncIterator[FakeWhatsApp]:
    held = FakeWhatsApp()
    app = web.Application()
    app.add_routes(held.routes())
    async with serving(app) as held.url:
        yield held


def vendor(fake: FakeWhatsApp, url: str = URL) -> WhatsApp:
    return WhatsApp(ACCOUNT.model_copy(update={"api_url": fake.url}), url)


def wrote(fake: FakeWhatsApp) -> WhatsAppPerson:
    """Give somebody who has just written."""
    person = fake.person()
    fake.call(person.typed("hi"))
    return person


async def ask(request: Request) -> Response:
    async with httpx.AsyncClient() as http:
        held = await http.request(
            request.method,
            request.url,
            json=request.json,
            params=dict(request.query),
            headers=dict(request.headers),
        )
    return Response(held.status_code, dict(held.headers), held.content)


async def told(fake: FakeWhatsApp, message: Mapping[str, Any]) -> Response:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    return await ask(Request(f"{fake.url}/{NUMBER}/messages", json=message, headers=bearer))


def text(**whom: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", **whom, "type": "text", "text": {"body": "hi"}}


async def test_an_answer_of_ours_is_seen(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    for user in (person.id, person.number):
        vendor(fake).outcome(await ask(vendor(fake).message(Part("hi"), Address("whatsapp", Private(user)))))

    assert [shown.text for shown in person.seen] == ["hi", "hi"]


async def test_an_id_where_a_number_belongs_is_taken_and_reaches_nobody(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    response = await told(fake, text(to=person.id))

    assert response.json["messages"][0]["id"]
    assert (person.seen, len(fake.dropped)) == ([], 1)


async def test_a_number_without_its_plus_reaches_a_stranger(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    response = await told(fake, text(to=person.number))

    assert response.is_success
    assert (person.seen, len(fake.strangers)) == ([], 1)


async def test_after_24_hours_a_message_is_taken_and_not_shown(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    person.wrote_at -= WINDOW_SECONDS + 1
    response = await told(fake, text(recipient=person.id))

    assert response.is_success
    assert person.seen == []


async def test_who_is_written_to_too_often_is_written_to_no_more(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    answers = [await told(fake, text(recipient=person.id)) for _ in range(BURST + 1)]

    assert all(response.is_success for response in answers[:-1])
    assert answers[-1].json["error"]["code"] == 131056
    assert len(person.seen) == BURST


def listed(rows: list[dict[str, str]], body: str = "?", button: str = "☰") -> dict[str, Any]:
    action = {"button": button, "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": body}, "action": action}


def replies(*taps: tuple[str, str]) -> dict[str, Any]:
    buttons = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in taps]
    return {"type": "button", "body": {"text": "?"}, "action": {"buttons": buttons}}


def rows(count: int, title: str = "") -> list[dict[str, str]]:
    return [{"id": f"q|{number}", "title": f"{title}{number}"} for number in range(count)]


REFUSED: dict[str, dict[str, Any]] = {
    "rows with one id": listed([{"id": "q|1", "title": "a"}, {"id": "q|1", "title": "b"}]),
    "eleven rows": listed(rows(11)),
    "a long row": listed(rows(1, "x" * 24)),
    "a long id": listed([{"id": "x" * 201, "title": "a"}]),
    "a long label": listed(rows(1), button="x" * 21),
    "a long body": listed(rows(1), body="x" * 4097),
    "no rows": listed([]),
    "buttons with one id": replies(("q|1", "a"), ("q|1", "b")),
    "buttons with one title": replies(("q|1", "a"), ("q|2", "a")),
    "four buttons": replies(*((f"q|{number}", str(number)) for number in range(4))),
    "a long button": replies(("q|1", "x" * 21)),
    "a kind that is none": {"type": "poll", "body": {"text": "?"}, "action": {}},
}


@pytest.mark.parametrize("title", REFUSED)
async def test_what_meta_refuses_the_fake_refuses(fake: FakeWhatsApp, title: str) -> None:
    person = wrote(fake)
    head = {"messaging_product": "whatsapp", "recipient": person.id, "type": "interactive"}
    response = await told(fake, {**head, "interactive": REFUSED[title]})

    assert (response.status, response.json["error"]["code"]) == (400, 131009)
    assert response.json["error"]["error_data"]["messaging_product"] == "whatsapp"
    assert person.seen == []


WRONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "too long": lambda sent: {**sent, "text": {"body": "x" * 4097}},
    "without words": lambda sent: {**sent, "text": {"body": ""}},
    "with a key that is none": lambda sent: {**sent, "silent": True},
    "to nobody": lambda sent: {name: value for name, value in sent.items() if name != "recipient"},
    "of another product": lambda sent: {**sent, "messaging_product": "messenger"},
}


@pytest.mark.parametrize("title", WRONG)
async def test_a_text_in_no_form_of_metas_is_refused(fake: FakeWhatsApp, title: str) -> None:
    person = wrote(fake)
    response = await told(fake, WRONG[title](text(recipient=person.id)))

    assert (response.status, response.json["error"]["code"]) == (400, 100)
    assert person.seen == []


async def test_the_fakes_account_says_what_is_wrong_with_it(fake: FakeWhatsApp) -> None:
    fake.webhook_url = URL
    number, subscribed = vendor(fake).inquiries()
    assert number.judge(await ask(number.request)) is None
    assert subscribed.judge(await ask(subscribed.request)) is None

    fake.is_heard = False
    fake.levels["phone_number"] = "https://other.example"
    assert number.judge(await ask(number.request)) is Fault.WEBHOOK_ELSEWHERE
    assert subscribed.judge(await ask(subscribed.request)) is Fault.NOT_SUBSCRIBED

    revoked = replace(number.request, headers={"authorization": "Bearer EAAold"})
    assert number.judge(await ask(revoked)) is Fault.TOKEN_REVOKED


async def test_a_webhook_is_set_once_it_greets_and_not_before(fake: FakeWhatsApp) -> None:
    async def greet(request: web.Request) -> web.Response:
        known = vendor(fake).greeting(Call("GET", URL, dict(request.query)))
        return web.Response(body=known.content) if known else web.Response(status=403)

    ours = web.Application()
    ours.add_routes([web.get("/whatsapp/webhook", greet)])
    async with serving(ours) as url:
        (wrong,) = vendor(fake, f"{url}/elsewhere").registration()
        (right,) = vendor(fake, f"{url}/whatsapp/webhook").registration()

        assert (await ask(wrong)).json["error"]["code"] == 2200
        assert fake.levels == {}
        assert (await ask(right)).json == {"success": True}
        assert fake.levels == {"phone_number": f"{url}/whatsapp/webhook"}


async def test_a_file_is_fetched_by_its_id_and_then_its_address(fake: FakeWhatsApp) -> None:
    person = wrote(fake)
    call = fake.call(person.photographed(b"jpeg"))
    (item,) = vendor(fake).items(call)
    said: Any = vendor(fake).read(item).message
    behind = vendor(fake).file_behind(await ask(vendor(fake).file(said)))

    assert behind is not None
    assert (await ask(replace(behind, headers={}))).status == 401
    assert (await ask(behind)).body == b"jpeg"


def test_the_account_has_one_name_in_both() -> None:
    assert (ACCOUNT.phone_number_id, ACCOUNT.business_account_id) == (NUMBER, BUSINESS)
