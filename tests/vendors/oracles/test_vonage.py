"""Vonage's own libraries agree with us: on signatures, on messages that we send, and on what its accounts say.

They have no model of a message that comes in, so what becomes of one is checked against the reference alone
(`tests/vendors/recorded/vonage.py`).
"""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import replace

import httpx
import pytest
from pydantic import ValidationError
from vonage_account import Balance
from vonage_application import ApplicationData
from vonage_http_client import HttpClientOptions
from vonage_http_client.auth import Auth
from vonage_jwt import VonageVerifyJwtError, verify_signature
from vonage_messages import SendMessageResponse
from vonage_messages.models import EncodingType, Sms, SmsOptions
from vonage_numbers import OwnedNumber

from bot.channels.health import Fault
from bot.channels.plan import Part
from bot.channels.vonage.vendor import VonageAccount
from bot.channels.wire import Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address
from bot.model.private import Private
from tests.vendors.recorded.vonage import ACCOUNT, SECRET, SHAPES, URL, VENDOR, called, claims, proven, token

BODY = SHAPES["text in Khmer"].call.body
GENUINE = token(claims(BODY))
ANOTHERS = token(claims(BODY), secret="signature-secret-of-somebody-else")


def theirs(given: str) -> bool:
    """Ask the library, whose answer to what is no token at all is an error."""
    try:
        return verify_signature(given, SECRET)
    except VonageVerifyJwtError:
        return False


def ours(given: str) -> bool:
    return VENDOR.proves(called(BODY, f"Bearer {given}"))


def unsigned(alg: str) -> str:
    """Give a token that names another algorithm, with the signature of the genuine one."""
    header = urlsafe_b64encode(json.dumps({"typ": "JWT", "alg": alg}).encode()).decode().rstrip("=")
    _, claimed, signature = GENUINE.split(".")
    return f"{header}.{claimed}.{signature}"


def test_both_take_the_token_of_every_recorded_call_and_of_our_own_canary() -> None:
    for call in (*(shape.call for shape in SHAPES.values()), VENDOR.synthetic("0" * 32, "help")):
        given = call.headers["authorization"].removeprefix("Bearer ")

        assert theirs(given)
        assert VENDOR.proves(call)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(ANOTHERS, id="another's secret"),
        pytest.param(GENUINE[:-1], id="truncated"),
        pytest.param(GENUINE.rpartition(".")[0] + ".", id="no signature"),
        pytest.param(GENUINE.rpartition(".")[0], id="two parts"),
        pytest.param(GENUINE.replace(".", ".e", 1), id="claims changed"),
        pytest.param("e" + GENUINE, id="header changed"),
        pytest.param(unsigned("none"), id="alg none, signature of another"),
        pytest.param(unsigned("none").rpartition(".")[0] + ".", id="alg none"),
        pytest.param(token(claims(BODY), alg="none"), id="alg none, signed all the same"),
        pytest.param(token(claims(BODY), alg="HS512", digest="sha512"), id="HS512"),
        pytest.param(token(claims(BODY), alg="HS512"), id="called HS512, signed by HS256"),
        pytest.param(token(claims(BODY), alg="RS256"), id="called RS256, signed by HS256"),
        pytest.param("", id="empty"),
        pytest.param("ជួយ.ជួយ.ជួយ", id="no Latin letters"),
    ],
)
def test_neither_takes_a_forged_token(given: str) -> None:
    assert not theirs(given)
    assert not ours(given)


def test_only_we_look_whether_the_token_is_of_this_body() -> None:
    other = token(claims(b'{"text":"another"}'))
    silent = token(claims(BODY, payload_hash=None))

    assert theirs(other)
    assert theirs(silent)
    assert not ours(other)
    assert not ours(silent)


@pytest.mark.parametrize(("hours", "taken"), [(0, True), (-24, True), (-26, False)])
def test_only_we_refuse_a_token_that_is_older_than_any_repetition(hours: int, *, taken: bool) -> None:
    given = token(claims(BODY, iat=int(time.time()) + hours * 3600))

    assert theirs(given)
    assert ours(given) is taken


def test_a_token_from_far_ahead_is_refused_by_both_and_one_from_minutes_ahead_by_them() -> None:
    """A clock of ours that is behind must not lose a report: Vonage does not ask again after a refusal."""
    soon, late = (token(claims(BODY, iat=int(time.time()) + seconds)) for seconds in (300, 7200))

    assert (theirs(soon), ours(soon)) == (False, True)
    assert (theirs(late), ours(late)) == (False, False)


@pytest.mark.parametrize("issued", [None, "now", True, float("nan"), float("inf"), 10**400, [], {}])
def test_a_token_without_a_time_that_can_be_read_is_refused(issued: object) -> None:
    assert not ours(token(claims(BODY, iat=issued)))


def test_the_scheme_counts_as_little_as_its_letters() -> None:
    assert VENDOR.proves(called(BODY, f"bearer {GENUINE}"))
    assert not VENDOR.proves(called(BODY, GENUINE))
    assert not VENDOR.proves(called(BODY, f"Basic {GENUINE}"))


TEXTS = ("Are you safe?", "តើអ្នកមានសុវត្ថិភាពទេ?", "您安全吗？", "x" * 3200, "𝔘" * 1600)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_we_send_what_the_library_would(text: str) -> None:
    options = SmsOptions(encoding_type=EncodingType.AUTO)
    message = Sms(to="85512345678", from_=ACCOUNT.from_number, text=text, sms=options)
    request = VENDOR.message(Part(text), Address("sms", Private("85512345678")))
    auth = Auth(api_key=ACCOUNT.api_key, api_secret=ACCOUNT.api_secret.get_secret_value())

    assert request.json == message.model_dump(by_alias=True, exclude_none=True)
    assert request.url == f"https://{HttpClientOptions().api_host}/v1/messages"
    assert request.auth
    assert (
        next(httpx.BasicAuth(*request.auth).sync_auth_flow(httpx.Request("GET", URL))).headers["authorization"]
        == auth.create_basic_auth_string()
    )


def test_the_library_has_our_limit() -> None:
    most = VENDOR.capabilities.max_text

    assert Sms(to="85512345678", from_="447700900000", text="x" * most)
    with pytest.raises(ValidationError):
        Sms(to="85512345678", from_="447700900000", text="x" * (most + 1))


def test_the_library_reads_the_same_id_of_a_message_that_was_taken() -> None:
    answer = Response(202, body=b'{"message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"}')

    assert VENDOR.outcome(answer) == SendMessageResponse(**answer.json).message_uuid


def answered(held: object, status: int = 200) -> Response:
    return Response(status, body=json.dumps(held).encode())


REFERENCE = "https://developer.vonage.com/api-errors"


@pytest.mark.parametrize(
    ("status", "type_", "error", "seconds"),
    [
        (401, "#unauthorized", SendLater, 60),
        (402, "#low-balance", SendLater, 60),
        (404, "#not-found", SendLater, 60),
        (422, "/messages#1120", SendLater, 60),
        (422, "/messages#1420", SendLater, 60),
        (429, "/messages#1000", SendLater, 6),
        (429, "#rate-limit", SendLater, 6),
        (503, "#unavailable", SendLater, None),
        (422, "/messages#1150", SendNever, None),
        (422, "/messages#1430", SendNever, None),
        (422, "#invalid-json", SendNever, None),
        (422, "/messages#1340", SendNever, None),
        (500, "/messages#1030", SendError, None),
    ],
)
def test_a_refusal_says_whether_to_send_again(
    status: int, type_: str, error: type[SendError], seconds: float | None
) -> None:
    answer = answered({"type": REFERENCE + type_, "title": "t", "detail": "d", "instance": "i"}, status)
    with pytest.raises(SendError) as raised:
        VENDOR.outcome(answer)

    assert type(raised.value) is error
    assert getattr(raised.value, "seconds", None) == seconds


def test_the_wish_of_vonage_to_wait_is_kept() -> None:
    with pytest.raises(SendLater) as raised:
        VENDOR.outcome(Response(429, {"retry-after": "15"}, b"{}"))

    assert raised.value.seconds == 15


APPLICATION = {
    "id": ACCOUNT.application_id,
    "name": "Line",
    "capabilities": {
        "messages": {
            "version": "v1",
            "webhooks": {
                "inbound_url": {"address": URL, "http_method": "POST"},
                "status_url": {"address": URL, "http_method": "POST"},
            },
            "authenticate_inbound_media": False,
        }
    },
}
NUMBER = {"country": "GB", "msisdn": ACCOUNT.from_number, "type": "mobile-lvn", "app_id": ACCOUNT.application_id}


def test_the_library_reads_the_account_as_we_judge_it() -> None:
    key, application, number = VENDOR.inquiries()
    messages = ApplicationData(**APPLICATION).capabilities.messages

    assert key.request.url == f"https://{HttpClientOptions().rest_host}/account/get-balance"
    assert Balance(value=10.28).value == 10.28
    assert key.judge(answered({"value": 10.28, "autoReload": False})) is None
    assert (messages.webhooks.inbound_url.address, messages.authenticate_inbound_media) == (URL, False)
    assert application.judge(answered(APPLICATION)) is None
    assert OwnedNumber(**NUMBER).app_id == ACCOUNT.application_id
    assert number.judge(answered({"count": 1, "numbers": [NUMBER]})) is None


@pytest.mark.parametrize(
    ("messages", "fault"),
    [
        ({}, Fault.NOT_SUBSCRIBED),
        ({"webhooks": {"status_url": {"address": URL}}}, Fault.NOT_SUBSCRIBED),
        ({"webhooks": {"inbound_url": {"address": "https://example.com/inbound"}}}, Fault.WEBHOOK_ELSEWHERE),
        ({"webhooks": {"inbound_url": {"address": URL}}, "authenticate_inbound_media": True}, Fault.NO_PERMISSION),
    ],
)
def test_an_application_that_brings_us_nothing_says_why(messages: dict[str, object], fault: Fault) -> None:
    _, application, _ = VENDOR.inquiries()
    held = {**APPLICATION, "capabilities": {"messages": messages}}

    assert ApplicationData(**held)
    assert application.judge(answered(held)) is fault


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ({}, Fault.NO_SUCH_ACCOUNT),
        ({"count": 1, "numbers": [{**NUMBER, "msisdn": "447700900009"}]}, Fault.NO_SUCH_ACCOUNT),
        ({"count": 1, "numbers": [{**NUMBER, "app_id": "another"}]}, Fault.NOT_SUBSCRIBED),
        ({"count": 1, "numbers": [{"msisdn": ACCOUNT.from_number}]}, Fault.NOT_SUBSCRIBED),
    ],
)
def test_a_number_that_is_not_linked_says_so(held: dict[str, object], fault: Fault) -> None:
    _, _, number = VENDOR.inquiries()

    assert number.judge(answered(held)) is fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [(401, Fault.TOKEN_REVOKED), (403, Fault.NO_PERMISSION), (404, Fault.NO_SUCH_ACCOUNT), (503, Fault.UNREACHABLE)],
)
def test_an_account_that_is_refused_says_why(status: int, fault: Fault) -> None:
    assert [inquiry.judge(answered({}, status)) for inquiry in VENDOR.inquiries()] == [fault] * 3


def test_a_name_as_sender_is_no_number_to_ask_for() -> None:
    named = type(VENDOR)(ACCOUNT.model_copy(update={"from_number": "Helpline"}), URL)

    assert len(named.inquiries()) == 2


def test_a_number_may_be_written_with_a_plus() -> None:
    plus = type(VENDOR)(ACCOUNT.model_copy(update={"from_number": "+447700900000"}), URL)
    address = Address("sms", Private("85512345678"))

    assert plus.message(Part("hi"), address) == VENDOR.message(Part("hi"), address)


def test_a_file_is_asked_for_without_our_key() -> None:
    (item,) = VENDOR.items(SHAPES["image with words"].call)
    request = VENDOR.file(VENDOR.read(item).message)

    assert (request.method, request.auth, dict(request.headers)) == ("GET", None, {})


def test_the_parts_of_a_long_message_are_two_messages_of_one_person() -> None:
    calls = [SHAPES[f"SMS API, {part} part of a long one"].call for part in ("first", "last")]
    items = [item for call in calls for item in VENDOR.items(call)]

    assert len({item.dedupe for item in items}) == 2
    assert len({item.user for item in items}) == 1


def test_times_are_read_in_each_of_the_forms() -> None:
    shapes = ("text in Khmer", "version 0.1", "SMS API")
    read = [VENDOR.read(item).sent_at for name in shapes for item in VENDOR.items(SHAPES[name].call)]

    assert [at and at.isoformat() for at in read] == [
        "2025-02-03T12:14:25+00:00",
        "2020-01-01T14:00:00+00:00",
        "2020-01-01T12:00:00+00:00",
    ]


@pytest.mark.parametrize("stamp", ["", "yesterday", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 0, None])
def test_a_time_out_of_this_world_is_none(stamp: object) -> None:
    body = {"channel": "sms", "message_uuid": "1", "from": "85512345678", "text": "hi", "timestamp": stamp}
    (item,) = VENDOR.items(proven(json.dumps(body).encode()))

    assert VENDOR.read(item).sent_at is None


def test_the_account_shows_no_secret() -> None:
    assert isinstance(ACCOUNT, VonageAccount)
    assert SECRET not in repr(ACCOUNT)
    assert "api-secret-of-nobody" not in repr(replace(VENDOR.message(Part("hi"), Address("sms", Private("1")))))
