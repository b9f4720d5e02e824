"""Whether pywa (https://pywa.readthedocs.io) proves, reads and writes WhatsApp's calls as we do."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from pywa import WhatsApp as Pywa
from pywa import types, utils
from pywa.errors import (
    ExpiredAccessToken,
    InvalidParameter,
    MessageUndeliverable,
    RateLimitHit,
    ReEngagementMessage,
    TooManyMessages,
    WhatsAppError,
)
from pywa.types.base_update import RawUpdate
from pywa.types.calls import CallConnect
from pywa.types.system import PhoneNumberChange

from bot.channels.items import Item
from bot.channels.plan import Button, Part
from bot.channels.whatsapp.vendor import WhatsApp
from bot.channels.wire import Call
from bot.model.message import Address, Attachment, Chosen, Pin, Text, Unsent
from bot.model.private import Private
from tests.fakes.vendors.whatsapp import FakeWhatsApp, Refused
from tests.vendors.recorded.whatsapp import SECRET, SHAPES, USER, VENDOR, proven

_BUTTONS, _LIST = WhatsApp.capabilities.menus
READER = Pywa(validate_updates=False)


# --- the proof ---

CHANGED: dict[str, Callable[[Call], Call]] = {
    "as it came": lambda call: call,
    "a byte more": lambda call: replace(call, body=call.body + b" "),
    "a byte less": lambda call: replace(call, body=call.body[:-1]),
    "written anew": lambda call: replace(call, body=json.dumps(json.loads(call.body), indent=1).encode()),
    "half a signature": lambda call: _signed(call, call.headers["x-hub-signature-256"][:40]),
    "another's signature": lambda call: _signed(call, "sha256=" + "0" * 64),
    "an empty signature": lambda call: _signed(call, "sha256="),
}


def _signed(call: Call, signature: str) -> Call:
    return replace(call, headers={**call.headers, "x-hub-signature-256": signature})


@pytest.mark.parametrize("change", CHANGED)
@pytest.mark.parametrize("title", ["text in Khmer", "image with words", "delivered"])
def test_both_prove_the_same(title: str, change: str) -> None:
    call = CHANGED[change](SHAPES[title].call)
    theirs = utils.webhook_updates_validator(SECRET, call.body, call.headers["x-hub-signature-256"])

    assert VENDOR.proves(call) is theirs is (change == "as it came")


def test_the_canary_is_proven_to_pywa() -> None:
    call = VENDOR.synthetic("0" * 32, "we are locked in")

    assert utils.webhook_updates_validator(SECRET, call.body, call.headers["x-hub-signature-256"])


# --- the way in ---


def ours(title: str) -> tuple[Item, Any, Any]:
    """Give the first item of a recorded shape, what we read it as, and when it was sent."""
    item = VENDOR.items(SHAPES[title].call)[0]
    update = VENDOR.read(item)
    return item, update.message, update.sent_at


def raw(call: Call) -> RawUpdate:
    return RawUpdate(call.body, hmac_header=None, update_hash="")


def theirs(title: str, type_: Any = types.Message, **more: Any) -> Any:
    return type_.from_update(READER, raw(SHAPES[title].call), **more)


SAME_HEAD = [
    (title, types.Message)
    for title in (
        "text in Khmer",
        "text in Chinese",
        "text in Burmese",
        "answer to a message of ours",
        "forwarded often",
        "came by an advertisement",
        "a user name and no number",
        "where the phone is",
        "image with words",
        "voice message",
        "video with words",
        "document",
        "sticker",
        "cards of two people",
        "reaction",
        "unsupported, and no more said",
        "a poll",
    )
] + [
    ("button", types.CallbackButton),
    ("row of a list", types.CallbackSelection),
    ("button of a template", types.CallbackButton),
    ("called", CallConnect),
]


@pytest.mark.parametrize(("title", "type_"), SAME_HEAD, ids=[title.replace(" ", "-") for title, _ in SAME_HEAD])
def test_both_read_the_same_id_sender_and_time(title: str, type_: Any) -> None:
    item, _, sent_at = ours(title)
    read = theirs(title, type_)

    assert (item.dedupe, item.user, sent_at) == (read.id, read.from_user.bsuid, read.timestamp)


@pytest.mark.parametrize("title", ["text in Khmer", "text in Chinese", "text in Burmese", "a user name and no number"])
def test_both_read_the_same_words(title: str) -> None:
    assert ours(title)[1] == Text(Private(theirs(title).text))


@pytest.mark.parametrize("title", ["image with words", "voice message", "sound file", "video with words", "document"])
def test_both_read_the_same_file(title: str) -> None:
    read = theirs(title)
    media = read.media
    file = cast("Attachment", ours(title)[1])

    assert file.handle.reveal() == media.id
    assert file.media_type == media.mime_type.partition(";")[0]
    assert (file.caption.reveal() if file.caption else None) == read.caption
    assert file.name.reveal() == (getattr(media, "filename", None) or file.kind.value)


def test_both_read_the_same_pin_and_place() -> None:
    place = theirs("a place with a name").location
    (item,) = VENDOR.items(SHAPES["a place with a name"].call)
    label = Private(f"{place.name}\n{place.address}\n{place.url}")

    assert VENDOR.read(item).message == Pin(place.latitude, place.longitude, label=label)


@pytest.mark.parametrize(
    ("title", "type_"), [("button", types.CallbackButton), ("row of a list", types.CallbackSelection)]
)
def test_both_read_the_same_tap(title: str, type_: Any) -> None:
    tap = cast("Chosen", ours(title)[1])

    assert theirs(title, type_).data == f"{tap.question}|{tap.choice}"


def test_both_read_the_same_reactions() -> None:
    assert ours("reaction")[1] == Text(Private(theirs("reaction").reaction.emoji))
    assert not theirs("reaction taken back").reaction.emoji
    assert ours("reaction taken back")[1] == Unsent()


def test_both_read_the_same_edits() -> None:
    assert ours("edited text")[1] == Text(Private(theirs("edited text", is_edit=True).text), edited=True)
    words = theirs("edited words of an image", is_edit=True).caption
    assert ours("edited words of an image")[1] == Text(Private(words), edited=True)


def test_every_number_of_a_card_that_pywa_reads_is_kept() -> None:
    """Not by pywa's own reading of a whole message, which hands it the message for the cards."""
    message = json.loads(SHAPES["cards of two people"].call.body)["entry"][0]["changes"][0]["value"]["messages"][0]
    card = types.Contact.from_dict(message["contacts"][0])
    lines = ours("cards of two people")[1].card.reveal().splitlines()

    assert card.name is not None
    assert {card.name.formatted_name, *(phone.phone or phone.wa_id for phone in card.phones)} <= set(lines)
    assert {*(email.email for email in card.emails), *(url.url for url in card.urls)} <= set(lines)


def test_both_take_a_changed_number_from_the_same_old_one() -> None:
    """What leaves is the id before; pywa names the new one, and the old number."""
    read = theirs("number changed", PhoneNumberChange)
    item, _, _ = ours("number changed")

    assert (read.old_wa_id, item.user) == ("85512345678", USER)
    assert read.new_user_id != item.user


# --- the way out ---


def sent_by_pywa(send: Callable[[Pywa], object]) -> httpx.Request:
    """Let pywa send, to nowhere."""
    held: list[httpx.Request] = []

    def taken(request: httpx.Request) -> httpx.Response:
        held.append(request)
        whom = {"input": "x", "wa_id": "x", "user_id": USER}
        return httpx.Response(200, json={"contacts": [whom], "messages": [{"id": "wamid.x"}]})

    session = httpx.Client(transport=httpx.MockTransport(taken))
    send(Pywa(phone_id="106540352242922", token="EAAfake", session=session, validate_updates=False))
    (request,) = held
    return request


def listed(*rows: tuple[str, str]) -> types.SectionList:
    held = [types.SectionRow(title=title, callback_data=data) for title, data in rows]
    return types.SectionList("☰", [types.Section(title=cast("str", None), rows=held)])


YES, NO = Button("ask_safe|yes", "✅ បាទ"), Button("ask_safe|no", "❌ ទេ")
TAPS = [types.Button(button.label, button.payload) for button in (YES, NO)]
ROWS = listed(*((button.label, button.payload) for button in (YES, NO)))
KINDS: dict[str, tuple[Part, Callable[[Pywa, str], object]]] = {
    "text": (Part("សួស្តី"), lambda wa, to: wa.send_message(to, "សួស្តី", preview_url=False)),
    "buttons": (
        Part("Are you safe?", _BUTTONS, (YES, NO)),
        lambda wa, to: wa.send_message(to, "Are you safe?", buttons=TAPS),
    ),
    "list": (
        Part("Are you safe?", _LIST, (YES, NO)),
        lambda wa, to: wa.send_message(to, "Are you safe?", buttons=ROWS),
    ),
    "place": (Part("📍 Where?", place_label="Where?"), lambda wa, to: wa.request_location(to, "📍 Where?")),
}


def without_nothing(tree: Any) -> Any:
    """Drop the title that a lone section needs not have, and pywa writes as null."""
    if isinstance(tree, dict):
        return {key: without_nothing(value) for key, value in tree.items() if value is not None}
    return [without_nothing(value) for value in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize("user", [USER, "85512345678"], ids=["an-id", "a-number"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_write_the_same_message(kind: str, user: str) -> None:
    part, send = KINDS[kind]
    to = user if "." in user else f"+{user}"
    request = sent_by_pywa(lambda wa: send(wa, to))
    mine = VENDOR.message(part, Address("whatsapp", Private(user)))

    assert json.loads(json.dumps(mine.json)) == without_nothing(json.loads(request.content))
    assert mine.url.partition("/v")[0] == str(request.url).partition("/v")[0]
    assert mine.url.rpartition("/v")[2].partition("/")[2] == str(request.url).rpartition("/v")[2].partition("/")[2]
    assert mine.headers["authorization"] == request.headers["authorization"]


def test_both_set_the_same_webhook() -> None:
    url, token = "https://line.example/whatsapp/webhook", "typed-into-the-console"
    request = sent_by_pywa(lambda wa: wa.api.set_phone_alternate_callback_url(url, token, "106540352242922"))
    (mine,) = VENDOR.registration()

    assert mine.json == json.loads(request.content)
    assert (mine.method, mine.url.rpartition("/")[2]) == (
        request.method,
        request.url.path.strip("/").rpartition("/")[2],
    )


@pytest.mark.parametrize("number", [0, 1])
def test_both_ask_the_same_of_our_account(number: int) -> None:
    asked = (
        lambda wa: wa.api.get_business_phone_number("106540352242922", ("id", "webhook_configuration")),
        lambda wa: wa.api.get_waba_subscribed_apps("102290129340398"),
    )
    request = sent_by_pywa(asked[number])
    mine = VENDOR.inquiries()[number].request

    assert (mine.method, dict(mine.query)) == (request.method, dict(request.url.params))
    assert mine.url.rpartition("/v")[2].partition("/")[2] == request.url.path.partition("/v")[2].partition("/")[
        2
    ].strip("/")


# --- the fake, whose errors must be Meta's own ---

_NAMED: dict[int, type[WhatsAppError]] = {
    190: ExpiredAccessToken,
    130429: RateLimitHit,
    131009: InvalidParameter,
    131026: MessageUndeliverable,
    131047: ReEngagementMessage,
    131056: TooManyMessages,
}


@pytest.mark.parametrize("code", _NAMED)
def test_pywa_knows_an_error_of_the_fake_by_its_name(code: int) -> None:
    response = Refused(code, "why").response
    read = WhatsAppError.from_dict(response.json["error"])

    assert type(read) is _NAMED[code]
    assert not response.is_success
    assert bool(read.details) == (code > 100_000)
    assert read.fbtrace_id
    assert read.type == "OAuthException"


def test_pywa_reads_a_call_of_the_fake() -> None:
    fake = FakeWhatsApp()
    person = fake.person()
    call = fake.call(person.typed("ជួយ"))
    read = types.Message.from_update(READER, raw(call))

    assert VENDOR.proves(proven(call.body))
    assert (read.text, read.from_user.bsuid, read.from_user.wa_id) == ("ជួយ", person.id, person.number)
