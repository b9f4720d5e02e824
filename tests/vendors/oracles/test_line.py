"""We read and write what LINE's own SDK does (https://github.com/line/line-bot-sdk-python)."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from linebot.v3 import SignatureValidator
from linebot.v3.messaging import (
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    LocationAction,
    PostbackAction,
    PushMessageRequest,
    PushMessageResponse,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    SetWebhookEndpointRequest,
    TextMessage,
)
from linebot.v3.models.events import UnknownEvent
from linebot.v3.webhook import InvalidSignatureError, WebhookParser
from linebot.v3.webhooks import (
    FileMessageContent,
    LocationMessageContent,
    MessageEvent,
    PostbackEvent,
    TextMessageContent,
    UserSource,
)

from bot.channels.health import Fault
from bot.channels.line.vendor import Line
from bot.channels.plan import Button, Part
from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, SendError, SendLater, SendNever, TokenSpent
from bot.model.message import Address, Attachment, Chosen, Pin, Text, Update
from bot.model.private import Private
from tests.fakes.serving import serving
from tests.vendors.recorded.line import ACCOUNT, REPORTER, SECRET, SHAPES, VENDOR, proven
from tests.vendors.shape import Shape

ORACLE, PARSER = SignatureValidator(SECRET), WebhookParser(SECRET)
EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=[title.replace(" ", "-") for title in SHAPES])


# --- Signatures ---


def agree(body: bytes, signature: str) -> bool:
    """Tell whether a signature is right, which both must say."""
    call = proven(b"{}")
    ours = VENDOR.proves(type(call)("POST", call.url, {}, {"x-line-signature": signature}, body))

    assert ours == ORACLE.validate(body.decode(), signature)
    return ours


@EVERY_SHAPE
def test_a_signature_counts_with_the_sdk_and_with_us_or_with_neither(shape: Shape) -> None:
    body, right = shape.call.body, shape.call.headers["x-line-signature"]

    assert agree(body, right)
    assert not agree(body + b" ", right)
    assert not agree(body[:-1], right)
    for wrong in (right[:-1], right + "=", right.lower(), "", "kh\N{KHMER LETTER KA}", f" {right}"):
        assert not agree(body, wrong)


def test_the_sdk_takes_a_canary_for_a_call_of_lines() -> None:
    call = VENDOR.synthetic("0" * 32, "we are locked in Bavet")
    (event,) = PARSER.parse(call.body.decode(), call.headers["x-line-signature"])

    assert (event.webhook_event_id, event.message.text) == ("0" * 32, "we are locked in Bavet")


def test_the_sdk_refuses_what_we_refuse() -> None:
    with pytest.raises(InvalidSignatureError):
        PARSER.parse("{}", "")


# --- Reading ---


def both(shape: Shape) -> Iterator[tuple[Any, Update]]:
    """Give each event that we take as the SDK reads it, and as we do."""
    theirs = PARSER.parse(shape.call.body.decode(), shape.call.headers["x-line-signature"])
    ours = {item.dedupe: VENDOR.read(item) for item in VENDOR.items(shape.call)}
    known = {event.webhook_event_id: event for event in theirs if not isinstance(event, UnknownEvent)}
    for id_, update in ours.items():
        if id_ in known:
            yield known[id_], update


@EVERY_SHAPE
def test_the_sdk_reads_the_same_of_every_shape_that_it_knows(shape: Shape) -> None:
    for event, update in both(shape):
        assert isinstance(event.source, UserSource)
        assert event.source.user_id == update.address.user.reveal()
        assert getattr(event, "reply_token", None) == (update.address.answers and update.address.answers.reveal())
        assert update.sent_at is not None
        assert event.timestamp == round(update.sent_at.timestamp() * 1000)
        _same_content(event, update)


def _same_content(event: Any, update: Update) -> None:
    match event, update.message:
        case MessageEvent(message=TextMessageContent() as theirs), Text(words):
            assert theirs.text == words.reveal()
        case MessageEvent(message=LocationMessageContent() as theirs), Pin(lat, lon):
            assert (theirs.latitude, theirs.longitude) == (lat, lon)
        case MessageEvent(message=theirs), Attachment(handle=handle) as ours:
            assert theirs.id == handle.reveal()
            if isinstance(theirs, FileMessageContent):
                assert (theirs.file_name, theirs.file_size) == (ours.name.reveal(), ours.size)
        case PostbackEvent(postback=theirs), Chosen(choice, question):
            assert theirs.data == "|".join(part for part in (question, choice) if part)


def test_the_sdk_knows_most_of_the_recorded_shapes() -> None:
    """The test above compares something."""
    compared = [event for shape in SHAPES.values() for event, _ in both(shape)]

    assert len(compared) >= 25


# --- Writing ---


@dataclass
class Heard:
    """One call, as it came over the line."""

    method: str
    path: str
    headers: Mapping[str, str]
    json: Any


class Recorder:
    """Writes down what is called, and answers like LINE."""

    url = ""

    def __init__(self) -> None:
        self.heard: list[Heard] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.heard.append(Heard(request.method, request.path, request.headers, body))
        return web.json_response({"sentMessages": [{"id": "461230966842064897", "quoteToken": "x"}]})


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder, app = Recorder(), web.Application()
    app.router.add_route("*", "/{path:.*}", recorder.take)
    async with serving(app) as recorder.url:
        yield recorder


@pytest.fixture
async def sdk(recorder: Recorder) -> AsyncIterator[AsyncMessagingApi]:
    token = ACCOUNT.channel_access_token.get_secret_value()
    async with AsyncApiClient(Configuration(host=recorder.url, access_token=token)) as client:
        yield AsyncMessagingApi(client)


MENU = VENDOR.capabilities.menus[0]
BUTTONS = (Button("ask_safe|yes", "បាទ/ចាស"), Button("ask_safe|no", "🚫 ទេ"))
PARTS = [Part("one"), Part("តើអ្នកមានសុវត្ថិភាពទេ?", MENU, BUTTONS, place_label="ទីតាំង")]
ITEMS = [
    QuickReplyItem(action=LocationAction(label="ទីតាំង")),
    *(QuickReplyItem(action=PostbackAction(label=tap.label, data=tap.payload)) for tap in BUTTONS),
]
MESSAGES = [TextMessage(text="one"), TextMessage(text="តើអ្នកមានសុវត្ថិភាពទេ?", quickReply=QuickReply(items=ITEMS))]
TOKEN = "38ef843bde154d9b91c21320ffd17a0f"


def address(token: str | None = None) -> Address:
    return Address("line", Private(REPORTER), Private(token) if token else None)


def vendor_at(url: str) -> Line:
    return Line(ACCOUNT.model_copy(update={"api_url": url}), VENDOR._webhook_url)


def same(ours: Request, theirs: Heard, url: str) -> None:
    assert (ours.method, ours.url) == (theirs.method, url + theirs.path)
    assert ours.json == theirs.json
    for name, value in ours.headers.items():
        assert theirs.headers[name] == value


async def test_an_answer_is_what_the_sdk_would_send(recorder: Recorder, sdk: AsyncMessagingApi) -> None:
    (ours,) = vendor_at(recorder.url).encode(PARTS, address(TOKEN))
    await sdk.reply_message(ReplyMessageRequest(replyToken=TOKEN, messages=MESSAGES, notificationDisabled=True))

    same(ours, recorder.heard[0], recorder.url)
    assert "x-line-retry-key" not in ours.headers


async def test_a_push_is_what_the_sdk_would_send(recorder: Recorder, sdk: AsyncMessagingApi) -> None:
    (ours,) = vendor_at(recorder.url).encode(PARTS, address())
    push = PushMessageRequest(to=REPORTER, messages=MESSAGES, notificationDisabled=True)
    await sdk.push_message(push, x_line_retry_key=ours.headers["x-line-retry-key"])

    same(ours, recorder.heard[0], recorder.url)
    assert ours.again


async def test_the_webhook_is_set_and_asked_for_as_the_sdk_does(recorder: Recorder, sdk: AsyncMessagingApi) -> None:
    vendor = vendor_at(recorder.url)
    (put,) = vendor.registration()
    info, webhook = (inquiry.request for inquiry in vendor.inquiries())
    await sdk.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint=VENDOR._webhook_url))
    for asked in (sdk.get_bot_info, sdk.get_webhook_endpoint):
        with pytest.raises(ValueError, match="validation error"):  # the recorder's answer is of something else
            await asked()

    for ours, theirs in zip((put, info, webhook), recorder.heard, strict=True):
        same(ours, theirs, recorder.url)


def test_more_messages_than_a_call_holds_follow_by_push() -> None:
    parts = [Part(str(number)) for number in range(12)]
    answered, pushed = VENDOR.encode(parts, address(TOKEN)), VENDOR.encode(parts, address())

    assert [request.url.rpartition("/")[2] for request in answered] == ["reply", "push", "push"]
    assert [request.url.rpartition("/")[2] for request in pushed] == ["push", "push", "push"]
    for requests in (answered, pushed):
        bodies = [request.json or {} for request in requests]
        assert [message["text"] for body in bodies for message in body["messages"]] == [part.text for part in parts]
        assert max(len(body["messages"]) for body in bodies) == 5
    keys = [request.headers["x-line-retry-key"] for request in pushed]
    assert len(set(keys)) == len(keys)


# --- What LINE answers ---


def answer(status: int, body: Any, **headers: str) -> Response:
    return Response(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )


def test_the_id_of_a_sent_message_is_the_one_that_the_sdk_reads() -> None:
    body = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}]}
    theirs = PushMessageResponse.from_dict(body)

    assert VENDOR.outcome(answer(200, body)) == theirs.sent_messages[0].id


def test_a_push_that_was_taken_before_counts_as_sent() -> None:
    body = {"message": "The retry key is already accepted", "sentMessages": [{"id": "461230966842064897"}]}

    assert VENDOR.outcome(answer(409, body, x_line_accepted_request_id="123e4567")) == "461230966842064897"


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "Invalid reply token", TokenSpent),
        (400, "Invalid reply token.", TokenSpent),
        (400, "Failed to send messages", SendNever),
        (400, "The request body has 2 error(s)", SendNever),
        (401, "Authentication failed due to the following reason: invalid token.", SendLater),
        (403, "Access to this API is not available for your account", SendLater),
        (409, "Conflict", SendNever),
        (429, "The API rate limit has been exceeded. Try again later.", SendLater),
        (429, "You have reached your monthly limit.", SendLater),
        (500, "Internal server error", SendError),
    ],
)
def test_a_refusal_says_what_became_of_the_message(status: int, message: str, error: type[SendError]) -> None:
    with pytest.raises(SendError) as raised:
        VENDOR.outcome(answer(status, {"message": message}))

    assert type(raised.value) is error


def test_a_spent_month_is_not_asked_about_every_few_seconds() -> None:
    waits = []
    for message in ("The API rate limit has been exceeded. Try again later.", "You have reached your monthly limit."):
        with pytest.raises(SendLater) as raised:
            VENDOR.outcome(answer(429, {"message": message}))
        waits.append(raised.value.seconds or 0)

    assert waits == [6, 60]


OURS = VENDOR._webhook_url


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, {"endpoint": OURS, "active": True}, None),
        (200, {"endpoint": OURS, "active": False}, Fault.NOT_SUBSCRIBED),
        (200, {"endpoint": "https://elsewhere.example/", "active": True}, Fault.WEBHOOK_ELSEWHERE),
        (404, {"message": "Webhook endpoint not found"}, Fault.NOT_SUBSCRIBED),
        (401, {"message": "Authentication failed"}, Fault.TOKEN_REVOKED),
        (403, {"message": "Access to this API is not available for your account"}, Fault.NO_PERMISSION),
        (500, {"message": "Internal server error"}, Fault.UNREACHABLE),
    ],
)
def test_what_is_wrong_with_the_webhook_is_said(status: int, body: Any, fault: Fault | None) -> None:
    _, webhook = VENDOR.inquiries()

    assert webhook.judge(answer(status, body)) is fault


def test_a_file_that_line_still_prepares_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(AttachmentError):
        VENDOR.file_behind(Response(202))
    assert VENDOR.file_behind(Response(200, body=b"ID3")) is None
