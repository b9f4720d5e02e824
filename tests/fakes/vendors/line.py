"""LINE's Messaging API for one channel (https://developers.line.biz/en/reference/messaging-api/)."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import regex
from aiohttp import web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

TOKEN, SECRET = "token-of-nobody", "8c570fa6dd201bb328f1c1eac23a96d8"
BOT = "U" + "0" * 32
_TOKEN_LIVES_SECONDS = 60


class LinePerson(Person):
    fake: "FakeLine"

    def event(self, type_: str, **content: Any) -> Json:
        number, token = next(self.fake.count), uuid.uuid4().hex
        self.fake.tokens[token] = (self, time.monotonic())
        return {
            "type": type_,
            "timestamp": int(time.time() * 1000),
            "source": {"type": "user", "userId": self.id},
            "replyToken": token,
            "mode": "active",
            "webhookEventId": f"01H810YECXQQZ37VAXPF{number:06}",
            "deliveryContext": {"isRedelivery": False},
            **content,
        }

    def message(self, type_: str, **content: Any) -> Json:
        id_ = str(468789577898000000 + next(self.fake.count))
        return self.event("message", message={"type": type_, "id": id_, "markAsReadToken": "x", **content})

    def typed(self, text: str) -> Json:
        return self.message("text", text=text, quoteToken="x")

    def tapped(self, shown: Seen, label: str) -> Json:
        return self.event("postback", postback={"data": shown.buttons[label]})

    def pinned(self, lat: float, lon: float) -> Json:
        return self.message("location", title="x", address="x", latitude=lat, longitude=lon)

    def photographed(self, content: bytes, caption: str = "") -> Json:  # noqa: ARG002
        """Nobody can write below a photo on LINE."""
        event = self.message("image", contentProvider={"type": "line"}, quoteToken="x")
        self.fake.files[event["message"]["id"]] = content
        return event

    def show(self, messages: list[Json]) -> list[Json]:
        """Show messages; the quick replies of all but the newest vanish. Give what LINE answers of each."""
        sent = []
        for message in messages:
            for earlier in self.seen:
                earlier.buttons, earlier.asks_place = {}, False
            sent.append({"id": str(461230966842000000 + next(self.fake.count)), "quoteToken": "x"})
            self.seen.append(_seen(message, sent[-1]["id"]))
        return sent


class FakeLine(FakeVendor):
    name = "line"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[str, tuple[LinePerson, float]] = {}
        self.accepted: dict[str, Json] = {}
        """By retry key: what was answered."""
        self.prepared: set[str] = set()
        self.endpoint: str | None = None

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "line_channel_access_token": TOKEN,
            "line_channel_secret": SECRET,
            "line_api_url": f"{self.url}/api",
            "line_data_api_url": f"{self.url}/data",
        }

    def person(self) -> Person:
        person = LinePerson(self, f"U{next(self.count):032x}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        body = json.dumps({"destination": BOT, "events": list(events)}, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        headers = {"x-line-signature": signature, "content-type": "application/json; charset=utf-8"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/v2/bot/message/reply", self.reply),
            web.post("/api/v2/bot/message/push", self.push_message),
            web.get("/api/v2/bot/info", self.info),
            web.get("/api/v2/bot/channel/webhook/endpoint", self.webhook),
            web.put("/api/v2/bot/channel/webhook/endpoint", self.set_webhook),
            web.get("/data/v2/bot/message/{id}/content", self.content),
        ]

    async def reply(self, request: web.Request) -> web.StreamResponse:
        sent, refused = await self.taken(request)
        if refused:
            return refused
        if "x-line-retry-key" in request.headers:
            return _error(400, "The retry key is not supported for this API")
        token = sent.get("replyToken")
        if self.faults[:1] == [Fault.WINDOW_CLOSED] and self.tokens.pop(token, None):
            self.faults.pop(0)
        person, since = self.tokens.get(token, (None, 0.0))
        if person is None or time.monotonic() - since > _TOKEN_LIVES_SECONDS:
            return _error(400, "Invalid reply token")

        def show() -> Json:
            del self.tokens[token]
            return {"sentMessages": person.show(sent["messages"])}

        return await self.faulty(request, show) or web.json_response(show())

    async def push_message(self, request: web.Request) -> web.StreamResponse:
        sent, refused = await self.taken(request)
        if refused:
            return refused
        key, person = request.headers.get("x-line-retry-key", ""), self.people.get(sent.get("to", ""))
        if key and not _is_uuid(key):
            return _error(400, "Invalid retry key")
        if key in self.accepted:
            headers = {"x-line-accepted-request-id": "123e4567-e89b-12d3-a456-426655440001"}
            body = {"message": "The retry key is already accepted", **self.accepted[key]}
            return web.json_response(body, status=409, headers=headers)
        if not isinstance(person, LinePerson):
            return _error(400, "Failed to send messages")

        def show() -> Json:
            self.accepted[key] = {"sentMessages": person.show(sent["messages"])}
            return self.accepted[key]

        return await self.faulty(request, show) or web.json_response(show())

    async def taken(self, request: web.Request) -> tuple[Json, web.Response | None]:
        """Take a call that sends; give with it how it is refused, if it is."""
        if refused := _unknown(request):
            return {}, refused
        sent = await request.json()
        self.calls.append(sent)
        details = list(_faults(sent))
        if not details:
            return sent, None
        message = f"The request body has {len(details)} error(s)"
        return sent, web.json_response({"message": message, "details": details}, status=400)

    async def info(self, request: web.Request) -> web.Response:
        found = {"userId": BOT, "basicId": "@216ru", "displayName": "x", "chatMode": "bot", "markAsReadMode": "auto"}
        return _unknown(request) or web.json_response(found)

    async def webhook(self, request: web.Request) -> web.Response:
        """Give the webhook: typed into the console, until it is set by a call."""
        found = {"endpoint": self.endpoint or self.webhook_url, "active": True}
        return _unknown(request) or web.json_response(found)

    async def set_webhook(self, request: web.Request) -> web.Response:
        if refused := _unknown(request):
            return refused
        self.endpoint = (await request.json())["endpoint"]
        return web.json_response({}) if len(self.endpoint) <= 500 else _error(400, "Invalid webhook endpoint URL")

    async def content(self, request: web.Request) -> web.Response:
        """Give a file; the first time it is still being prepared, as big ones are."""
        id_ = request.match_info["id"]
        if refused := _unknown(request):
            return refused
        if id_ not in self.files:
            return _error(404, "not found")
        if id_ not in self.prepared:
            self.prepared.add(id_)
            return web.Response(status=202)
        return web.Response(body=self.files[id_], content_type="image/jpeg")

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY | Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(429, "The API rate limit has been exceeded. Try again later.")
            case Fault.BLOCKED | Fault.WINDOW_CLOSED:  # taken, and nobody sees it
                return Response(200, {}, json.dumps({"sentMessages": [{"id": "461230966842064897"}]}).encode())
            case _:
                return _refused(500, "Internal server error")


def _unknown(request: web.Request) -> web.Response | None:
    if request.headers.get("authorization") == f"Bearer {TOKEN}":
        return None
    return _error(401, "Authentication failed due to the following reason: invalid token.")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


def _refused(status: int, message: str) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps({"message": message}).encode())


def _is_uuid(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key
    except ValueError:
        return False


def _seen(message: Json, id_: str) -> Seen:
    actions = [item["action"] for item in message.get("quickReply", {}).get("items", [])]
    taps = {action["label"]: action["data"] for action in actions if action["type"] == "postback"}
    return Seen(message["text"], taps, any(action["type"] == "location" for action in actions), id_)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _signs(text: str) -> int:
    return len(regex.findall(r"\X", text))


def _within(value: Any, most: int, unit: Callable[[str], int]) -> bool:
    return isinstance(value, str) and 0 < unit(value) <= most


def _faults(sent: Json) -> Iterator[Json]:
    """Find what LINE would refuse in a call that sends."""
    messages = sent.get("messages")
    if not isinstance(messages, list) or not 0 < len(messages) <= 5:
        yield {"message": "Size must be between 1 and 5", "property": "messages"}
        return
    for number, message in enumerate(messages):
        at = f"messages[{number}]"
        if message.get("type") != "text" or not _within(message.get("text"), 5000, _utf16):
            yield {"message": "Length must be between 0 and 5000", "property": f"{at}.text"}
        if "quickReply" in message:
            yield from _quick_reply_faults(message["quickReply"]["items"], f"{at}.quickReply")


def _quick_reply_faults(items: list[Json], at: str) -> Iterator[Json]:
    if not 0 < len(items) <= 13:
        yield {"message": "Size must be between 1 and 13", "property": f"{at}.items"}
    for number, item in enumerate(items):
        action = item.get("action", {})
        if item.get("type") != "action" or action.get("type") not in ("postback", "location"):
            yield {"message": "Must be a valid action", "property": f"{at}.items[{number}]"}
        if not _within(action.get("label"), 20, _signs):
            yield {"message": "must not be longer than 20 characters", "property": f"{at}.items[{number}].label"}
        if action.get("type") == "postback" and not _within(action.get("data"), 300, _utf16):
            yield {"message": "Length must be between 1 and 300", "property": f"{at}.items[{number}].data"}
