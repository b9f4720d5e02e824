"""Messenger's calls are signed and greeted as WhatsApp's are: asked of pywa (https://github.com/david-lev/pywa).

Nobody maintains a library for Messenger in Python: how its events are read and its messages are written is held against
Meta's own pages, here and in `tests/vendors/recorded/messenger.py`.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pywa import WhatsApp, utils

from bot.channels.health import Fault
from bot.channels.meta import GRAPH
from bot.channels.plan import Button, Part, plan
from bot.channels.wire import Answer, Call, Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address, Attachment
from bot.model.private import Private
from bot.model.reply import Choice, Reply
from tests.vendors.recorded.messenger import ACCOUNT, PAGE, PERSON, SECRET, SHAPES, VENDOR, proven
from tests.vendors.shape import Shape

ORACLE = WhatsApp(server=None, verify_token="typed-into-the-console", app_secret=SECRET)
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=[title.replace(" ", "-") for title in SHAPES])
TO_SOMEBODY = Address("messenger", Private(PERSON))


# --- Signatures and the greeting: pywa ---


def agree(body: bytes, signature: str) -> bool:
    """Tell whether a signature is right, which both must say."""
    ours = VENDOR.proves(
        Call("POST", "https://line.example/messenger/webhook", {}, {utils.HUB_SIG.lower(): signature}, body)
    )

    assert ours == (ORACLE.webhook_update_validator(body, signature) is None)
    return ours


@EVERY_SHAPE
def test_a_signature_counts_with_pywa_and_with_us_or_with_neither(shape: Shape) -> None:
    body, right = shape.call.body, shape.call.headers["x-hub-signature-256"]

    assert agree(body, right)
    assert not agree(body + b" ", right)
    assert not agree(body[:-1], right)
    assert not agree(body.replace(PAGE.encode(), b"682498302938466"), right)
    for wrong in (right[:-1], right + "0", right.upper(), f" {right}", "sha256=", ""):
        assert not agree(body, wrong)


def test_pywa_takes_a_canary_for_a_call_of_metas() -> None:
    call = VENDOR.synthetic("0" * 32, "we are locked in Bavet")

    assert ORACLE.webhook_update_validator(call.body, call.headers["x-hub-signature-256"]) is None


def test_a_signature_of_no_letters_of_ours_is_refused() -> None:
    """Where pywa raises."""
    call = Call("POST", "https://line.example/", {}, {"x-hub-signature-256": "sha256=\N{KHMER LETTER KA}"}, b"{}")

    assert not VENDOR.proves(call)


@pytest.mark.parametrize("token", ["typed-into-the-console", "typed-into-the-consolE", "", "\N{KHMER LETTER KA}"])
def test_whoever_pywa_greets_is_greeted(token: str) -> None:
    asked = {"hub.mode": "subscribe", utils.HUB_VT: token, utils.HUB_CH: "1158201444"}
    ours = VENDOR.greeting(Call("GET", "https://line.example/messenger/webhook", asked))
    theirs, status = ORACLE.webhook_challenge_handler(token, "1158201444")

    assert ours == (Answer(content=b"1158201444") if status == 200 else None)
    assert status != 200 or theirs == "1158201444"


# --- Events: what no shape says ---


def event(**held: Any) -> Call:
    people = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}}
    entry = {"id": PAGE, "time": 1749416383594, "messaging": [{**people, **held}]}
    return proven(json.dumps({"object": "page", "entry": [entry]}).encode())


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (1749416383308, datetime(2025, 6, 8, 20, 59, 43, 308000, UTC)),
        ("1749416383", datetime(2025, 6, 8, 20, 59, 43, 0, UTC)),
        (-1749416383308, None),
        (10**30, None),
        (0, None),
        ("២០២៥២០២៥២០", None),
        ({}, None),
    ],
)
def test_when_something_was_sent_is_read_from_milliseconds_and_from_seconds(
    stamp: object, moment: datetime | None
) -> None:
    (item,) = VENDOR.items(event(timestamp=stamp, message={"mid": "m_1", "text": "hi"}))

    assert VENDOR.read(item).sent_at == moment


def test_each_file_of_a_message_has_an_id_of_its_own() -> None:
    image = {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}
    items = VENDOR.items(event(message={"mid": "m_1", "text": "the gate", "attachments": [image, image]}))

    assert [item.dedupe for item in items] == ["m_1", "m_1#0", "m_1#1"]


def test_a_message_and_its_withdrawal_are_two_things() -> None:
    sent, withdrawn = (
        VENDOR.items(event(message={"mid": "m_1", **more})) for more in ({"text": "hi"}, {"is_deleted": True})
    )

    assert sent[0].dedupe != withdrawn[0].dedupe


def test_two_reactions_to_one_message_are_two_things() -> None:
    first, second = (
        VENDOR.items(event(timestamp=1749416383308, reaction={"mid": "m_1", "action": "react", "emoji": emoji}))
        for emoji in ("👍", "😢")
    )

    assert first[0].dedupe != second[0].dedupe


def test_a_file_is_asked_for_without_our_token() -> None:
    image = {"type": "image", "payload": {"url": "https://cdn.example/1.jpg?oh=1"}}
    (item,) = VENDOR.items(event(message={"mid": "m_1", "attachments": [image]}))
    photo = VENDOR.read(item).message

    assert isinstance(photo, Attachment)
    request = VENDOR.file(photo)
    assert (request.method, request.url, dict(request.headers)) == ("GET", "https://cdn.example/1.jpg?oh=1", {})


# --- Messages: https://developers.facebook.com/docs/messenger-platform/reference/buttons/quick-replies ---


def test_a_question_is_written_as_meta_documents_quick_replies() -> None:
    menu = VENDOR.capabilities.menus[0]
    part = Part("តើអ្នកមានសុវត្ថិភាពទេ?", menu, (Button("ask_safe|yes", "✅ បាទ/ចាស"), Button("ask_safe|no", "❌ ទេ")))
    (request,) = VENDOR.encode([part], TO_SOMEBODY)

    assert (request.method, request.url) == ("POST", f"{GRAPH}/{PAGE}/messages")
    assert request.headers == {"authorization": "Bearer EAAfake"}
    assert request.json == {
        "recipient": {"id": PERSON},
        "messaging_type": "RESPONSE",
        "notification_type": "SILENT_PUSH",
        "message": {
            "text": "តើអ្នកមានសុវត្ថិភាពទេ?",
            "quick_replies": [
                {"content_type": "text", "title": "✅ បាទ/ចាស", "payload": "ask_safe|yes"},
                {"content_type": "text", "title": "❌ ទេ", "payload": "ask_safe|no"},
            ],
        },
    }


def test_thirteen_choices_can_be_tapped_and_fourteen_are_numbered() -> None:
    for count, style in ((13, "quick_replies"), (14, None)):
        choices = tuple(Choice(str(number), f"choice {number}") for number in range(count))
        *_, last = plan(Reply("Where?", choices, question="ask"), VENDOR.capabilities)

        assert (last.menu.style if last.menu else None) == style


# --- Errors: https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes ---


def refusal(code: int, subcode: int | None = None, status: int = 400) -> Response:
    error = {"message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode}
    return Response(status, body=json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("response", "error", "seconds"),
    [
        (refusal(10, 2018278), SendNever, None),  # out of the window
        (refusal(10, 2018300), SendLater, 60.0),  # another program has the chat
        (refusal(10), SendLater, 60.0),  # a right is missing
        (refusal(200, 1545041), SendNever, None),
        (refusal(200, 2018028), SendLater, 60.0),  # not reviewed
        (refusal(551, 1545041), SendNever, None),
        (refusal(551), SendNever, None),
        (refusal(100, 2018001), SendNever, None),
        (refusal(190, status=401), SendLater, 60.0),
        (refusal(4), SendLater, 6.0),
        (refusal(613), SendLater, 6.0),
        (refusal(80006), SendLater, 6.0),
        (refusal(2, status=500), SendLater, None),
        (refusal(1200), SendLater, None),
        (refusal(1, status=500), SendError, None),
        (Response(502, body=b"<html>"), SendError, None),
    ],
)
def test_a_refusal_means_what_meta_says(response: Response, error: type[SendError], seconds: float | None) -> None:
    with pytest.raises(SendError) as raised:
        VENDOR.outcome(response)

    assert type(raised.value) is error
    assert getattr(raised.value, "seconds", None) == seconds


def test_a_message_that_is_taken_has_an_id() -> None:
    taken = {"recipient_id": PERSON, "message_id": "AG5Hz2Uq7tuwNEhXfYYKj8mJEM"}

    assert VENDOR.outcome(Response(200, body=json.dumps(taken).encode())) == "AG5Hz2Uq7tuwNEhXfYYKj8mJEM"


# --- Our account ---


def answer(held: Any) -> Response:
    return Response(200, body=json.dumps(held).encode())


def apps(*fields: str) -> Response:
    return answer({"data": [{"id": "1517776481860111", "name": "Messages", "subscribed_fields": list(fields)}]})


@pytest.mark.parametrize(
    ("whose", "heard", "fault"),
    [
        (answer({"id": PAGE}), apps("messages", "messaging_postbacks", "feed"), None),
        (answer({"id": PAGE}), apps("messages"), Fault.NOT_SUBSCRIBED),
        (answer({"id": PAGE}), answer({"data": []}), Fault.NOT_SUBSCRIBED),
        (answer({"id": PAGE}), answer({"data": [{"subscribed_fields": None}]}), Fault.NOT_SUBSCRIBED),
        (answer({"id": PAGE}), refusal(200), Fault.NO_PERMISSION),
        (answer({"id": PERSON}), apps("messages", "messaging_postbacks"), Fault.NO_SUCH_ACCOUNT),
        (refusal(190, status=401), apps(), Fault.TOKEN_REVOKED),
        (Response(503), apps(), Fault.UNREACHABLE),
    ],
)
def test_what_is_wrong_with_the_page_is_said(whose: Response, heard: Response, fault: Fault | None) -> None:
    answers = zip(VENDOR.inquiries(), (whose, heard), strict=True)

    assert next((found for inquiry, given in answers if (found := inquiry.judge(given))), None) is fault


def test_registering_subscribes_the_page_and_gives_an_empty_chat_its_button() -> None:
    subscribe, button = VENDOR.registration()

    assert (subscribe.url, button.url) == (f"{ACCOUNT.api_url}/{PAGE}/subscribed_apps", f"{GRAPH}/me/messenger_profile")
    assert {"messages", "messaging_postbacks"} <= set(subscribe.query["subscribed_fields"].split(","))
    assert button.json == {"get_started": {"payload": "start"}}
