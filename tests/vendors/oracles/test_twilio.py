"""Twilio's own SDK agrees with us: on who signed a call, on what is sent, and on what is answered.

The SDK reads no incoming message: its examples take the form that a web framework has read, and so does this test.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.etree.ElementTree import canonicalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response as SdkResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from bot.channels.health import Fault
from bot.channels.plan import Part
from bot.channels.twilio.vendor import Twilio, TwilioAccount
from bot.channels.wire import Call, Request, Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, Text
from bot.model.private import Private
from tests.vendors.recorded.twilio import ACCOUNT, OURS, SHAPES, SID, TOKEN, URL, VENDOR, proven

SDK = RequestValidator(TOKEN)
FORMED = {title: shape for title, shape in SHAPES.items() if title != "bytes of no language"}
"""The SDK signs text, and has no way to say bytes that are none."""
EVERY_FORMED = pytest.mark.parametrize("title", FORMED)
CHANGES: tuple[Callable[[Call], Call], ...] = (
    lambda call: call,
    lambda call: replace(call, body=call.body + b"x"),
    lambda call: replace(call, body=call.body[:-1]),
    lambda call: replace(call, body=b"Body=go&" + call.body),
    lambda call: replace(call, url=call.url.replace("line.", "lime.")),
    lambda call: replace(call, url=call.url.replace("https:", "http:")),
    lambda call: _signed_otherwise(call, lambda signature: signature[:-1]),
    lambda call: _signed_otherwise(call, lambda signature: signature[::-1]),
    lambda call: _signed_otherwise(call, str.lower),
    lambda call: _signed_otherwise(call, lambda signature: signature + "\x00é"),
    lambda call: _signed_otherwise(call, lambda _: ""),
)


class Fields(dict[str, list[str]]):
    """A form as web frameworks give it: a name may come twice."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _signed_otherwise(call: Call, change: Callable[[str], str]) -> Call:
    signature = change(call.headers["x-twilio-signature"])
    return replace(call, headers={**call.headers, "x-twilio-signature": signature})


def fields(body: bytes) -> Fields:
    return Fields(parse_qs(body.decode(), keep_blank_values=True))


def sdk_proves(call: Call) -> bool:
    is_form = call.headers["content-type"].startswith("application/x-www-form-urlencoded")
    return SDK.validate(
        call.url, fields(call.body) if is_form else call.body.decode(), call.headers["x-twilio-signature"]
    )


@EVERY_FORMED
@pytest.mark.parametrize("change", CHANGES)
def test_a_call_is_proven_to_us_if_and_only_if_it_is_to_the_sdk(title: str, change: Callable[[Call], Call]) -> None:
    call = change(FORMED[title].call)

    assert VENDOR.proves(call) is sdk_proves(call)
    assert VENDOR.proves(call) is (call == FORMED[title].call)


NAMES = st.text(min_size=1, max_size=4)


@given(pairs=st.lists(st.tuples(NAMES, st.text(max_size=6)), max_size=6), port=st.sampled_from(["", ":443", ":8443"]))
def test_whatever_form_the_sdk_signs_is_proven_to_us(pairs: list[tuple[str, str]], port: str) -> None:
    url = f"https://line.example{port}/twilio/webhook?a=b"
    body = urlencode(pairs).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": SDK.compute_signature(url, fields(body)),
    }
    call = Call("POST", url, {}, headers, body)

    assert VENDOR.proves(call)
    assert not VENDOR.proves(replace(call, body=body + b"&q=1"))


def test_no_one_can_make_us_sort_megabytes() -> None:
    assert not VENDOR.proves(proven(b"a=1&" * 100_000))


@EVERY_FORMED
def test_each_item_says_what_a_web_framework_reads_in_the_form(title: str) -> None:
    form = {name: values[-1] for name, values in fields(FORMED[title].call.body).items()}
    for number, item in enumerate(VENDOR.items(FORMED[title].call)):
        update = VENDOR.read(item)
        id_ = next(form[name] for name in ("MessageSid", "SmsSid", "CallSid") if name in form)

        assert update.dedupe == (f"{id_}:{number}" if number else id_)
        assert update.address == Address("sms", Private(form["From"]))
        match update.message:
            case Text(said):
                assert said.reveal() == form["Body"]
            case Attachment() as file:
                assert file.handle.reveal() == form[f"MediaUrl{number}"]


def test_what_the_webhook_answers_is_what_the_sdk_writes() -> None:
    call = VoiceResponse()
    call.reject()

    for title, said in (("Khmer", MessagingResponse()), ("somebody rings", call)):
        answer = VENDOR.reply(SHAPES[title].call)

        assert (answer.status, answer.media_type) == (200, "text/xml")
        assert canonicalize(answer.content.decode()) == canonicalize(str(said))


class Wire(HttpClient):
    """Stands where the SDK would use the network: keeps what is sent, answers what it is told to."""

    def __init__(self, status: int = 201, said: Mapping[str, Any] | None = None) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self.sent: list[Request] = []
        self._answer = SdkResponse(status, json.dumps(said or {}))

    def request(self, method: str, url: str, **named: Any) -> SdkResponse:
        form, query = named.get("data"), named.get("params")
        self.sent.append(
            Request(url, form=dict(form) if form else None, query=query or {}, auth=named["auth"], method=method)
        )
        return self._answer


VALID = {"validity_period": "900"}
ACCOUNTS = {
    "a number": (ACCOUNT, {}),
    "a messaging service": (
        ACCOUNT.model_copy(update={"messaging_service_sid": "MG00000000000000000000000000000001"}),
        {"messaging_service_sid": "MG00000000000000000000000000000001"},
    ),
    "no record": (
        ACCOUNT.model_copy(update={"redacts": True}),
        {"content_retention": "discard", "address_retention": "obfuscate"},
    ),
}


@pytest.mark.parametrize("with_", ACCOUNTS)
@pytest.mark.parametrize("text", ["តើអ្នកមានសុវត្ថិភាពទេ?\n\n1 ✅ បាទ", "a=b&c +%41"])
def test_a_message_is_what_the_sdk_would_send(with_: str, text: str) -> None:
    account, options = ACCOUNTS[with_]
    wire = Wire()
    Client(SID, TOKEN, http_client=wire).messages.create(
        to="+85512000001", from_=OURS, body=text, validity_period="900", **options
    )

    assert [Twilio(account, URL).message(Part(text), Address("sms", Private("+85512000001")))] == wire.sent


def test_with_a_key_the_key_sends_and_the_token_still_proves() -> None:
    key = "SK00000000000000000000000000000001"
    wire = Wire()
    Client(key, "secret-of-nobody", SID, http_client=wire).messages.create(
        to="+1", from_=OURS, body="hi", validity_period="900"
    )
    keyed = ACCOUNT.model_copy(update={"api_key": key, "api_key_secret": SecretStr("secret-of-nobody")})

    assert [Twilio(keyed, URL).message(Part("hi"), Address("sms", Private("+1")))] == wire.sent
    assert Twilio(keyed, URL).proves(SHAPES["Khmer"].call)


def test_what_is_asked_of_our_account_is_what_the_sdk_would_ask() -> None:
    wire = Wire(200, {"incoming_phone_numbers": []})
    client = Client(SID, TOKEN, http_client=wire)
    client.api.v2010.accounts(SID).fetch()
    client.incoming_phone_numbers.list(phone_number=OURS)

    assert [inquiry.request for inquiry in VENDOR.inquiries()] == wire.sent


def test_the_webhook_is_set_as_the_sdk_would_set_it() -> None:
    sid, url = "PN00000000000000000000000000000001", f"{URL}#rc=5&rp=5xx,ct,rt"
    wire = Wire(200)
    Client(SID, TOKEN, http_client=wire).incoming_phone_numbers(sid).update(
        sms_url=url, sms_method="POST", sms_fallback_url=url, sms_fallback_method="POST"
    )
    named = ACCOUNT.model_copy(update={"number_sid": sid})

    assert list(Twilio(named, URL).registration()) == wire.sent
    assert Twilio(named, "").registration() == VENDOR.registration() == ()


def test_a_sent_message_has_the_id_that_the_sdk_gives_it() -> None:
    said = {"sid": "SM00000000000000000000000000000005", "status": "queued", "error_code": None}
    sent = Client(SID, TOKEN, http_client=Wire(201, said)).messages.create(
        to="+1", from_=OURS, body="hi", validity_period="900"
    )

    assert VENDOR.outcome(Response(201, body=json.dumps(said).encode())) == sent.sid


REFUSALS: Mapping[int, tuple[int, type[SendError], float | None]] = {
    20003: (401, SendLater, 60),
    20429: (429, SendLater, 6),
    20500: (500, SendError, None),
    21211: (400, SendNever, None),
    21408: (400, SendLater, 60),
    21606: (400, SendLater, 60),
    21608: (400, SendLater, 60),
    21610: (400, SendNever, None),
    21611: (429, SendLater, 6),
    21614: (400, SendNever, None),
    21617: (400, SendNever, None),
    30029: (400, SendLater, 60),
    63038: (429, SendLater, 60),
    99999: (400, SendNever, None),
}
"""By Twilio's code: its status, and after how many seconds we try again."""


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_read_by_the_code_that_the_sdk_reads(code: int) -> None:
    status, error, seconds = REFUSALS[code]
    said = {"code": code, "message": "no", "more_info": "", "status": status}
    with pytest.raises(TwilioRestException) as theirs:
        Client(SID, TOKEN, http_client=Wire(status, said)).messages.create(
            to="+1", from_=OURS, body="hi", validity_period="900"
        )
    with pytest.raises(SendError) as ours:
        VENDOR.outcome(Response(status, body=json.dumps(said).encode()))

    assert theirs.value.code == code
    assert type(ours.value) is error
    assert getattr(ours.value, "seconds", None) == seconds


def test_a_message_that_failed_at_once_is_not_taken_for_sent() -> None:
    said = {"sid": "SM00000000000000000000000000000005", "status": "failed", "error_code": 30006}

    with pytest.raises(SendNever):
        VENDOR.outcome(Response(201, body=json.dumps(said).encode()))


def answered(http: int = 200, **said: Any) -> Response:
    return Response(http, body=json.dumps(said).encode())


def number(**more: Any) -> Response:
    ours = {"phone_number": OURS, "sms_url": URL, "sms_method": "POST", "sms_application_sid": ""}
    return answered(incoming_phone_numbers=[{**ours, "phone_number": OURS + "1"}, {**ours, **more}])


FINDINGS: Mapping[str, tuple[int, Response, Fault | None]] = {
    "alive": (0, answered(status="active"), None),
    "suspended": (0, answered(status="suspended"), Fault.NO_PERMISSION),
    "another token": (0, answered(401, code=20003), Fault.TOKEN_REVOKED),
    "closed": (0, answered(403, code=20403), Fault.NO_PERMISSION),
    "no such account": (0, answered(404, code=20404), Fault.NO_SUCH_ACCOUNT),
    "down": (0, Response(503), Fault.UNREACHABLE),
    "webhook set": (1, number(), None),
    "webhook set, tried five times": (1, number(sms_url=f"{URL}#rc=5&rp=5xx,ct,rt"), None),
    "webhook elsewhere": (1, number(sms_url="https://demo.twilio.com/welcome/sms/reply"), Fault.WEBHOOK_ELSEWHERE),
    "an application takes all": (1, number(sms_application_sid="AP1"), Fault.WEBHOOK_ELSEWHERE),
    "webhook missing": (1, number(sms_url=""), Fault.NOT_SUBSCRIBED),
    "webhook without a body": (1, number(sms_method="GET"), Fault.NOT_SUBSCRIBED),
    "number of another account": (1, answered(incoming_phone_numbers=[]), Fault.NO_SUCH_ACCOUNT),
    "nonsense": (1, Response(200, body=b"[]"), Fault.NO_SUCH_ACCOUNT),
    "a key without the right": (1, answered(401, code=70051), Fault.NO_PERMISSION),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_is_wrong_with_our_account_is_named(finding: str) -> None:
    inquiry, response, fault = FINDINGS[finding]

    assert VENDOR.inquiries()[inquiry].judge(response) is fault


def test_a_messaging_service_has_an_address_of_its_own() -> None:
    vendor = Twilio(ACCOUNTS["a messaging service"][0], URL)

    assert vendor.inquiries()[1].judge(number(sms_url="")) is None


def test_a_short_code_is_not_looked_for_among_phone_numbers() -> None:
    short = TwilioAccount(account_sid=SID, auth_token=SecretStr(TOKEN), from_number="12345")

    assert len(Twilio(short, URL).inquiries()) == 1


WHO_GETS_OUR_SECRETS = {
    f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/MM1/Media/ME1": True,
    "https://api.dublin.ie1.twilio.com/2010-04-01/x": True,
    "https://mms.example/x": False,
    "https://evil.example/.twilio.com": False,
    "https://evil.example?.twilio.com/": False,
    "https://evil.example#.twilio.com/": False,
    "https://evil.example\\.twilio.com/": False,
    "https://a@evil.example:1.twilio.com/": False,
    "https://api.twilio.com.evil.example/": False,
    "https://api.twilio.com@evil.example/": False,
}


@pytest.mark.parametrize("url", WHO_GETS_OUR_SECRETS)
def test_only_twilio_gets_our_secrets_with_a_request_for_a_file(url: str) -> None:
    file = VENDOR.file(Attachment(PartKind.PHOTO, Private(url), Private("photo"), "image/jpeg"))

    assert (file.url, file.method) == (url, "GET")
    assert file.auth == ((SID, TOKEN) if WHO_GETS_OUR_SECRETS[url] else None)
