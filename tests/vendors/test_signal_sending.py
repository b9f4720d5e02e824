"""What signal-cli-rest-api answers, in its own prose, and what it means for us."""

import json
from typing import Any

import pytest

from bot.channels.health import Fault
from bot.channels.plan import Part
from bot.channels.signal.vendor import Signal, SignalAccount
from bot.channels.wire import Response
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address
from bot.model.private import Private

NUMBER, UUID = "+4915735990000", "0b1f5a52-3c5e-4f1e-9d54-6b1a5b6a9d01"
SIGNAL = Signal(SignalAccount(number=NUMBER, api_url="http://signal.internal:8080/"), "")
CHALLENGE = (
    "Failed to send message due to rate limiting. Use the attached challenge tokens to lift the rate limit "
    "restrictions via the '/v1/accounts/{number}/rate-limit-challenge' endpoint."
)


def answer(status: int, body: Any) -> Response:
    return Response(status, body=json.dumps(body).encode())


def refusal(status: int, prose: str, **more: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        SIGNAL.outcome(answer(status, {"error": prose, **more}))
    return caught.value


def test_a_message_goes_to_a_uuid_as_it_is() -> None:
    request = SIGNAL.message(Part("**1** yes"), Address("signal", Private(UUID)))

    assert request.url == "http://signal.internal:8080/v2/send"
    assert request.json == {"message": "**1** yes", "number": NUMBER, "recipients": [UUID], "text_mode": "normal"}
    assert not request.again


def test_its_time_stamp_is_the_id_of_a_message() -> None:
    assert SIGNAL.outcome(answer(201, {"timestamp": "1763888461123"})) == "1763888461123"


@pytest.mark.parametrize(
    ("prose", "kind"),
    [
        ("Failed to send message due to untrusted identities", SendLater),
        ('Untrusted Identity for "+855"', SendLater),
        ("Failed to send message: [403] Authorization failed! (AuthorizationFailedException)", SendLater),
        ("Specified account does not exist", SendLater),
        ("Number not registered with JSON-RPC", SendLater),
        ("write tcp 127.0.0.1:41544->127.0.0.1:6001: write: broken pipe", SendLater),
        ('Unregistered user "0b1f5a52"', SendNever),
        ("The user 0b1f5a52 is not registered.", SendNever),
        ("Failed to send message", SendError),
        ('Network failure for "0b1f5a52"', SendError),
        ("read tcp 127.0.0.1:41544->127.0.0.1:6001: read: connection reset by peer", SendError),
        ("", SendError),
    ],
)
def test_prose_is_understood(prose: str, kind: type[SendError]) -> None:
    assert type(refusal(400, prose)) is kind


def test_a_challenge_waits_for_a_person() -> None:
    wish = refusal(429, CHALLENGE, challenge_tokens=["fd7c6d0f-644d-4fc1-a52b-f0dec7598cdc"], account=NUMBER)

    assert isinstance(wish, SendLater)
    assert wish.seconds
    assert wish.seconds >= 60


@pytest.mark.parametrize("tokens", [[""], [], None, "x"])
def test_a_limit_without_a_challenge_may_have_been_said_of_a_message_that_arrived(tokens: Any) -> None:
    assert type(refusal(429, CHALLENGE, challenge_tokens=tokens)) is SendError


@pytest.mark.parametrize(("status", "kind"), [(401, SendLater), (503, SendLater), (502, SendError), (500, SendError)])
def test_what_stands_in_front_of_it_speaks_http(status: int, kind: type[SendError]) -> None:
    with pytest.raises(SendError) as caught:
        SIGNAL.outcome(Response(status, body=b"<html>"))

    assert type(caught.value) is kind


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": 7}', b"{", b"\xff"])
def test_whatever_it_says_nothing_but_ours_is_raised(body: bytes) -> None:
    for status in (400, 404, 429):
        with pytest.raises(SendError):
            SIGNAL.outcome(Response(status, body=body))


def test_the_canary_needs_no_words() -> None:
    assert len(SIGNAL.items(SIGNAL.synthetic("f" * 32, ""))) == 1


def faults(about: Response, accounts: Response) -> list[Fault | None]:
    return [inquiry.judge(answered) for inquiry, answered in zip(SIGNAL.inquiries(), (about, accounts), strict=True)]


def test_all_is_well() -> None:
    assert faults(answer(200, {"mode": "json-rpc"}), answer(200, ["+1", NUMBER])) == [None, None]
    assert faults(answer(200, {"mode": "json-rpc-native"}), answer(200, [NUMBER])) == [None, None]


@pytest.mark.parametrize("mode", ["normal", "native", None])
def test_another_mode_hears_nothing(mode: str | None) -> None:
    assert faults(answer(200, {"mode": mode}), answer(200, [NUMBER]))[0] is Fault.NOT_LISTENING


@pytest.mark.parametrize("body", [b"[]", b'["+4915735990001"]', b"", b"}", b'{"accounts": []}'])
def test_a_number_that_it_does_not_hold_is_found(body: bytes) -> None:
    assert faults(answer(200, {"mode": "json-rpc"}), Response(200, body=body))[1] is Fault.NO_SUCH_ACCOUNT


def test_one_that_fails_is_not_there() -> None:
    assert faults(Response(502), Response(400)) == [Fault.UNREACHABLE, Fault.UNREACHABLE]


@pytest.mark.parametrize(
    ("api_url", "socket"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/v1/receive/%2B4915735990000"),
        ("https://signal.internal/", "wss://signal.internal/v1/receive/%2B4915735990000"),
    ],
)
def test_the_socket_is_beside_the_api(api_url: str, socket: str) -> None:
    assert Signal(SignalAccount(number=NUMBER, api_url=api_url), "").socket_url == socket
