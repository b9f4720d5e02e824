"""We read and write what Viber's own SDK does (https://github.com/Viber/viber-bot-python); it is not kept any more."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from viberbot import Api
from viberbot.api.bot_configuration import BotConfiguration
from viberbot.api.messages import TextMessage
from viberbot.api.viber_requests import ViberMessageRequest

from bot.channels.health import Fault
from bot.channels.items import Item
from bot.channels.plan import Button, Part, plan
from bot.channels.sending import Sender
from bot.channels.viber.vendor import Viber, ViberAccount
from bot.channels.wire import Call, Request, Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address, Attachment, Chosen, ContactCard, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private
from bot.model.reply import Choice, Reply
from tests.fakes.serving import serving
from tests.fakes.vendors.viber import UNANSWERED, FakeViber, ViberPerson
from tests.vendors.recorded.viber import ACCOUNT, SHAPES, TOKEN, URL, USER, VENDOR, proven
from tests.vendors.shape import Shape

ORACLE = Api(BotConfiguration(auth_token=TOKEN, name="Messages", avatar=None))
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=[title.replace(" ", "-") for title in SHAPES])
SIGNATURE = "x-viber-content-signature"


@pytest.fixture(autouse=True)
def quiet() -> None:
    """The SDK writes whole messages into the log."""
    logging.getLogger("viber.bot.api").setLevel(logging.CRITICAL)


# --- Signatures ---


def agree(body: bytes, signature: str) -> bool:
    """Tell whether a signature is right, which both must say."""
    ours = VENDOR.proves(Call("POST", URL, {}, {SIGNATURE: signature}, body))

    assert ours == ORACLE.verify_signature(body, signature)
    return ours


@EVERY_SHAPE
def test_a_signature_counts_with_the_sdk_and_with_us_or_with_neither(shape: Shape) -> None:
    body, right = shape.call.body, shape.call.headers[SIGNATURE]

    assert agree(body, right)
    assert not agree(body + b" ", right)
    assert not agree(body[:-1], right)
    for wrong in (right[:-1], right + "0", right.upper(), "", "ក", f" {right}", "0" * 64):
        assert not agree(body, wrong)


def test_the_sdk_takes_a_canary_for_a_call_of_vibers() -> None:
    call = VENDOR.synthetic("0" * 32, "we are locked in Bavet")
    read = ORACLE.parse_request(call.body)

    assert agree(call.body, call.headers[SIGNATURE])
    assert (read.message_token, read.message.text) == ("0" * 32, "we are locked in Bavet")


# --- Reading ---

UNKNOWN_TO_THE_SDK = ("is about to pay", "of a type that nobody knows yet", "message without a message")
"""It raises at an event or a type that is newer than itself, and at a message that is none."""
KNOWN = {title: shape for title, shape in SHAPES.items() if title not in UNKNOWN_TO_THE_SDK}


@pytest.mark.parametrize("title", UNKNOWN_TO_THE_SDK)
def test_the_sdk_raises_where_we_do_not(title: str) -> None:
    with pytest.raises(Exception, match=r"not supported|'message'"):
        ORACLE.parse_request(SHAPES[title].call.body)


def user_of(read: Any) -> str:
    who = getattr(read, "sender", None) or getattr(read, "user", None)
    user: str = who.id if who else read.user_id
    return user


@pytest.mark.parametrize("shape", KNOWN.values(), ids=[title.replace(" ", "-") for title in KNOWN])
def test_the_sdk_and_we_read_the_same_event(shape: Shape) -> None:
    read = ORACLE.parse_request(shape.call.body)
    for item in VENDOR.items(shape.call):
        update = VENDOR.read(item)

        assert user_of(read) == update.address.user.reveal() == USER
        assert update.sent_at
        assert round(update.sent_at.timestamp() * 1000) == read.timestamp
        if isinstance(read, ViberMessageRequest):
            assert item.dedupe.startswith(f"{read.message_token}:")
            assert (read.sender.language or None) == update.language
            assert_same(read.message, update.message)


def assert_same(theirs: Any, ours: Message) -> None:
    match ours:
        case Text(words):
            assert words.reveal() == (theirs.media if theirs._message_type == "url" else theirs.text)
        case Chosen(choice, question):
            assert theirs.text == f"#>{question or ''}|{choice}"
        case Start():
            assert theirs.text == "#>hello"
        case Pin(lat, lon):
            assert (theirs.location.latitude, theirs.location.longitude) == (lat, lon)
        case ContactCard(card):
            assert card.reveal() == f"{theirs.contact.name}\n{theirs.contact.phone_number}"
        case Attachment(handle=handle):
            assert handle.reveal() == theirs.media
        case _:
            assert ours == Unsupported()


# --- Writing ---

TO = Address("viber", Private(USER))
MENU = VENDOR.capabilities.menus[0]


@pytest.fixture
async def fake() -> AsyncIterator[FakeViber]:
    fake = FakeViber()
    app = web.Application()
    app.add_routes([*fake.routes(), web.post("/viber/webhook", ours(fake))])
    async with serving(app) as fake.url:
        fake.webhook_url = fake.url + "/viber/webhook"
        yield fake


def ours(fake: FakeViber) -> Callable[[web.Request], Any]:
    """Answer as our webhook does."""

    async def take(request: web.Request) -> web.Response:
        vendor = vendor_at(fake)
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call("POST", fake.webhook_url, {}, headers, await request.read())
        if not vendor.proves(call):
            return web.Response(status=403)
        answer = vendor.reply(call)
        return web.Response(body=answer.content, status=answer.status, content_type=answer.media_type)

    return take


def vendor_at(fake: FakeViber) -> Viber:
    return Viber(ViberAccount(auth_token=ACCOUNT.auth_token, api_url=fake.url), fake.webhook_url)


async def asked(request: Request) -> Response:
    sender = Sender()
    try:
        return await sender.ask(request)
    finally:
        await sender.aclose()


def sdk_at(fake: FakeViber) -> Api:
    """Point the SDK at loopback; it has no setting for that."""
    api = Api(BotConfiguration(auth_token=TOKEN, name="Messages", avatar=None))
    api._request_sender._viber_bot_api_url = fake.url
    return api


def writer(fake: FakeViber) -> ViberPerson:
    person = fake.person()
    person.typed("hello")
    return person


REPLIES = (
    Part("តើអ្នកនៅឯណា? <b>&"),
    Part("Are you safe?", MENU, (Button("ask_safe|yes", "✅ Yes & safe"), Button("ask_safe|no", "❌ No"))),
    Part("Where?", MENU, (Button("ask_place|skip", "Skip"),), place_label="Send place"),
    Part("Where?", MENU, place_label="ទីតាំង"),
)


@pytest.mark.parametrize("part", REPLIES, ids=["words", "choices", "choices-and-place", "place"])
async def test_a_message_goes_out_as_the_sdk_would_send_it(fake: FakeViber, part: Part) -> None:
    person = writer(fake)
    request = vendor_at(fake).message(part, Address("viber", Private(person.id)))
    assert request.json
    same = TextMessage(
        text=part.text,
        keyboard=request.json.get("keyboard"),
        min_api_version=request.json.get("min_api_version"),
    )
    id_ = vendor_at(fake).outcome(await asked(request))
    (token,) = await asyncio.to_thread(sdk_at(fake).send_messages, person.id, [same])
    mine, theirs = fake.calls

    assert theirs.pop("auth_token") == TOKEN == request.headers["x-viber-auth-token"]
    assert theirs["sender"].pop("avatar") is None
    assert mine == theirs
    assert [shown.id for shown in person.seen] == [id_, str(token)]
    assert person.seen[0].buttons == {button.label: f"#>{button.payload}" for button in part.buttons}
    assert person.seen[0].asks_place == bool(part.place_label)


@pytest.mark.parametrize("count", [1, 12, 13, 24, 25, 36])
async def test_as_many_choices_as_a_menu_takes_are_shown_by_viber_too(fake: FakeViber, count: int) -> None:
    person = writer(fake)
    choices = tuple(Choice(f"choice:{number}", f"ជម្រើសទី {number}") for number in range(count))
    (part,) = plan(Reply("?" * 5000, choices, "ask_province"), VENDOR.capabilities)
    response = await asked(vendor_at(fake).message(part, Address("viber", Private(person.id))))

    assert vendor_at(fake).outcome(response)
    assert len(person.seen[0].buttons) == count


async def test_the_longest_that_a_plan_may_give_is_taken(fake: FakeViber) -> None:
    person = writer(fake)
    for menu in VENDOR.capabilities.menus:
        buttons = tuple(Button("q" * 31 + f"|{n:032}", "ខ" * menu.label) for n in range(menu.most - 1))
        part = Part("ខ" * menu.body, menu, buttons, place_label="ខ" * (menu.label - 3))
        response = await asked(vendor_at(fake).message(part, Address("viber", Private(person.id))))

        assert vendor_at(fake).outcome(response)


async def test_whoever_opens_the_chat_is_greeted_by_a_button_and_nothing_else_until_they_touch_it(
    fake: FakeViber,
) -> None:
    person = fake.person()
    opened = fake.call(person.opened())
    welcome = (await fake.push_once(opened)).json()
    (button,) = welcome["keyboard"]["Buttons"]

    with pytest.raises(SendNever):
        vendor_at(fake).outcome(await asked(vendor_at(fake).message(Part("hi"), Address("viber", Private(person.id)))))
    assert vendor_at(fake).items(opened) == []
    assert welcome == {**TextMessage(text="👋", keyboard=welcome["keyboard"]).to_dict(), "sender": {"name": "Messages"}}
    (item,) = vendor_at(fake).items(fake.call(person.typed(button["ActionBody"])))
    assert vendor_at(fake).read(item).message == Start()


async def test_whoever_may_be_written_to_and_only_opens_the_chat_is_told_nothing(fake: FakeViber) -> None:
    person = writer(fake)
    call = fake.call(person.opened())

    assert (await fake.push_once(call)).content == b""
    assert vendor_at(fake).items(call) == []


def test_another_call_is_answered_with_nothing() -> None:
    assert VENDOR.reply(proven(b"[]")).content == b""
    assert VENDOR.reply(SHAPES["the call that proves our address"].call).content == b""


async def test_a_photo_is_fetched_by_its_link(fake: FakeViber) -> None:
    person = fake.person()
    vendor = vendor_at(fake)
    (item,) = vendor.items(fake.call(person.photographed(b"a photo", "the gate")))
    photo = vendor.read(item).message
    assert isinstance(photo, Attachment)

    assert (await asked(vendor.file(photo))).body == b"a photo"


def test_a_link_that_is_open_to_all_on_the_way_is_not_followed() -> None:
    content = {"event": "message", "message": {"type": "picture", "media": "http://127.0.0.1/admin"}}

    assert VENDOR.read(Item("1", USER, content)).message == Unsupported()


# --- Refusals ---


@pytest.mark.parametrize(
    ("status", "error", "seconds"),
    [
        (2, SendLater, 60),
        (3, SendNever, None),
        (5, SendNever, None),
        (6, SendNever, None),
        (7, SendLater, 60),
        (12, SendLater, 6),
        (13, SendNever, None),
        (23, SendNever, None),
        (-1, SendError, None),
        (99, SendError, None),
        (None, SendError, None),
        ("0", SendError, None),
    ],
)
def test_a_refusal_is_an_answer_with_http_200(status: object, error: type[SendError], seconds: float | None) -> None:
    body = json.dumps({"status": status, "status_message": "no", "message_token": 1}).encode()
    with pytest.raises(SendError) as raised:
        VENDOR.outcome(Response(200, body=body))

    assert type(raised.value) is error
    assert getattr(raised.value, "seconds", None) == seconds


def test_an_answer_that_is_none_leaves_it_open_whether_it_was_sent() -> None:
    for response in (Response(200, body=b"<html>"), Response(502, body=b"oops")):
        with pytest.raises(SendError) as raised:
            VENDOR.outcome(response)
        assert type(raised.value) is SendError


async def test_somebody_who_does_not_answer_is_written_to_a_hundred_times_and_no_more(fake: FakeViber) -> None:
    person = writer(fake)
    request = vendor_at(fake).message(Part("hi"), Address("viber", Private(person.id)))
    person.unanswered = UNANSWERED

    assert VENDOR.capabilities.burst == UNANSWERED
    with pytest.raises(SendLater):
        vendor_at(fake).outcome(await asked(request))


async def test_an_app_too_old_for_the_button_of_a_place_gets_other_messages(fake: FakeViber) -> None:
    person = writer(fake)
    person.api_version = 2
    vendor, to = vendor_at(fake), Address("viber", Private(person.id))

    assert vendor.outcome(await asked(vendor.message(REPLIES[1], to)))
    with pytest.raises(SendNever):
        vendor.outcome(await asked(vendor.message(REPLIES[2], to)))


# --- The account ---


async def fault_of(vendor: Viber) -> Fault | None:
    (inquiry,) = vendor.inquiries()
    return inquiry.judge(await asked(inquiry.request))


async def test_our_webhook_is_set_without_names_and_pictures_and_the_sdk_sees_it(fake: FakeViber) -> None:
    vendor = vendor_at(fake)
    assert await fault_of(vendor) is Fault.NOT_SUBSCRIBED
    (request,) = vendor.registration()
    answer = await asked(request)
    info = await asyncio.to_thread(sdk_at(fake).get_account_info)

    assert (answer.json["status"], info["webhook"]) == (0, fake.webhook_url)
    assert (fake.calls[-1]["send_name"], fake.calls[-1]["send_photo"]) == (False, False)
    assert set(info["event_types"]) == {"message", "subscribed", "unsubscribed", "conversation_started"}
    assert await fault_of(vendor) is None


async def test_what_is_wrong_with_the_account_is_named(fake: FakeViber) -> None:
    vendor = vendor_at(fake)
    fake.webhook, fake.event_types = "https://elsewhere.example/viber", ["conversation_started"]
    assert await fault_of(vendor) is Fault.WEBHOOK_ELSEWHERE
    fake.webhook, fake.event_types = fake.webhook_url, ["delivered"]
    assert await fault_of(vendor) is Fault.NOT_SUBSCRIBED
    stranger = ACCOUNT.model_copy(update={"auth_token": type(ACCOUNT.auth_token)("another"), "api_url": fake.url})
    assert await fault_of(Viber(stranger, fake.webhook_url)) is Fault.TOKEN_REVOKED


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (2, Fault.TOKEN_REVOKED),
        (7, Fault.NO_PERMISSION),
        (8, Fault.NO_SUCH_ACCOUNT),
        (9, Fault.NO_PERMISSION),
        (10, Fault.NOT_SUBSCRIBED),
        (15, Fault.NO_PERMISSION),
        (99, Fault.UNREACHABLE),
        (None, Fault.UNREACHABLE),
    ],
)
def test_a_status_of_the_account_says_what_to_do(status: int | None, fault: Fault) -> None:
    (inquiry,) = VENDOR.inquiries()

    assert inquiry.judge(Response(200, body=json.dumps({"status": status}).encode())) is fault


def test_without_an_address_of_ours_no_webhook_is_set() -> None:
    assert Viber(ACCOUNT, "").registration() == []


def test_somebody_who_left_is_taken_for_gone() -> None:
    fake = FakeViber()
    person = fake.person()
    (item,) = VENDOR.items(replace(fake.call(person.left()), url=URL))

    assert VENDOR.read(item).message == Left()
