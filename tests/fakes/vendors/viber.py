"""Viber's REST API for one bot (https://developers.viber.com/docs/api/rest-bot-api/): every answer is HTTP 200."""

import hmac
import html
import json
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
UNANSWERED = 100
"""Messages in an hour to somebody who does not answer."""
_BODY_BYTES, _TEXT_CHARS, _LABEL_CHARS, _NAME_CHARS, _ROWS, _COLUMNS = 30 * 1024, 7000, 250, 28, 12, 6
_ACTIONS = {"reply": 1, "open-url": 1, "none": 1, "location-picker": 3, "share-phone": 3}
"""Each with the version of the API that first had it."""
_FIELDS = {"auth_token", "receiver", "sender", "type", "text", "min_api_version", "keyboard", "tracking_data"}


class ViberPerson(Person):
    """Somebody who can be sent nothing before they have written or subscribed."""

    subscribed = False
    api_version = 10
    unanswered = 0

    def _profile(self) -> Json:
        profile = {"name": "Sok Dara", "avatar": "https://avatar.example/dara.jpg", "country": "KH", "language": "en"}
        return {"id": self.id, "api_version": self.api_version, **profile}

    def _event(self, event: str, **more: Any) -> Json:
        assert isinstance(self.fake, FakeViber)
        return {**self.fake.head(event), **more}

    def _message(self, content: Json, *, silent: bool = False) -> Json:
        self.subscribed, self.unanswered = True, 0
        return self._event("message", sender=self._profile(), message=content, silent=silent)

    def typed(self, text: str) -> Json:
        return self._message({"type": "text", "text": text})

    def tapped(self, shown: Seen, label: str) -> Json:
        return self._message({"type": "text", "text": shown.buttons[label]}, silent=True)

    def pinned(self, lat: float, lon: float) -> Json:
        return self._message({"type": "location", "location": {"lat": lat, "lon": lon}})

    def photographed(self, content: bytes, caption: str = "") -> Json:
        name = f"{next(self.fake.count)}.jpg"
        self.fake.files[name] = content
        media = f"{self.fake.url}/media/{name}?Expires=1670587915&Signature=lL-WcChyM7euIgIZT80V"
        return self._message(
            {"type": "picture", "text": caption, "media": media, "thumbnail": media, "file_name": name}
        )

    def opened(self) -> Json:
        """Give the event of opening the chat, which allows us one welcome message, as the answer to the call."""
        return self._event("conversation_started", type="open", user=self._profile(), subscribed=self.subscribed)

    def left(self) -> Json:
        self.subscribed = False
        return self._event("unsubscribed", user_id=self.id)


class FakeViber(FakeVendor):
    name = "viber"

    def __init__(self) -> None:
        super().__init__()
        self.webhook = ""
        self.event_types: list[str] = []

    @property
    def settings(self) -> Mapping[str, str]:
        return {"viber_auth_token": TOKEN, "viber_api_url": self.url}

    def person(self) -> ViberPerson:
        person = ViberPerson(self, f"{next(self.count):022}==")
        self.people[person.id] = person
        return person

    def head(self, event: str) -> Json:
        now = time.time_ns() // 1_000_000
        return {"event": event, "timestamp": now, "chat_hostname": "SN-149_", "message_token": self._token()}

    def _token(self) -> int:
        return 4912661846655238145 + next(self.count)

    def call(self, *events: Any) -> Call:
        (event,) = events  # each call is one
        body = json.dumps(event).encode()
        signature = hmac.digest(TOKEN.encode(), body, "sha256").hex()
        headers = {"x-viber-content-signature": signature, "content-type": "application/json"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/send_message", self.send),
            web.post("/set_webhook", self.set_webhook),
            web.post("/get_account_info", self.account),
            web.get("/media/{name}", self.media),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        sent = json.loads(raw)
        if not _is_authorised(request, sent):
            return _refused(2, "invalidAuthToken")
        self.calls.append(sent)
        person = self.people.get(sent.get("receiver", ""))
        shown = _shown(sent) if len(raw) <= _BODY_BYTES else None
        if not isinstance(person, ViberPerson):
            return _refused(5, "receiverNotRegistered")
        if refusal := _refusal(person, sent, shown):
            return _refused(*refusal)
        assert shown
        if failed := await self.faulty(request, lambda: person.seen.append(shown)):
            return failed
        token = self._token()
        shown.id = str(token)
        person.seen.append(shown)
        person.unanswered += 1
        return web.json_response({"status": 0, "status_message": "ok", "message_token": token, "billing_status": 1})

    async def set_webhook(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if not _is_authorised(request, asked):
            return _refused(2, "invalidAuthToken")
        self.calls.append(asked)
        call = self.call(self.head("webhook"))
        answer = await self.push_once(Call("POST", asked["url"], {}, call.headers, call.body))
        if answer.status_code != 200:
            return _refused(1, "Result from webhook: no 200")
        self.webhook, self.event_types = asked["url"], asked.get("event_types", [])
        return web.json_response({"status": 0, "status_message": "ok", "event_types": self.event_types})

    async def account(self, request: web.Request) -> web.Response:
        if not _is_authorised(request, await request.json()):
            return _refused(2, "invalidAuthToken")
        info = {"id": "pa:75346594275468546724", "name": "Messages", "uri": "messages", "subscribers_count": 1}
        members = [
            {"id": "01234567890A=", "name": "Operator", "avatar": "https://avatar.example/o.jpg", "role": "admin"}
        ]
        ours = {"webhook": self.webhook, "event_types": self.event_types} if self.webhook else {}
        return web.json_response({"status": 0, "status_message": "ok", **info, **ours, "members": members})

    async def media(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        if content is None or "Signature" not in request.query:
            return web.Response(status=403)
        return web.Response(body=content, content_type="image/jpeg")

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY | Fault.TOO_MANY_WITHOUT_A_WORD:
                return Response(200, body=_body(12, "tooManyRequests"))  # never says for how long
            case Fault.BLOCKED:
                return Response(200, body=_body(6, "notSubscribed"))
            case Fault.WINDOW_CLOSED:
                return Response(200, body=_body(23, "freeMessagesExceeded"))
            case _:
                return Response(500, body=b"oops")


def _is_authorised(request: web.Request, body: Json) -> bool:
    """The token comes in a header, or in the body, as the vendor's own SDKs send it."""
    return TOKEN in (request.headers.get("x-viber-auth-token"), body.get("auth_token"))


def _body(status: int, message: str) -> bytes:
    return json.dumps({"status": status, "status_message": message, "chat_hostname": "SN-CHAT-05_"}).encode()


def _refused(status: int, message: str) -> web.Response:
    return web.Response(body=_body(status, message), content_type="application/json")


def _refusal(person: ViberPerson, sent: Json, shown: Seen | None) -> tuple[int, str] | None:
    """Say why a message is refused; None: it is not."""
    if shown is None:
        return 3, "badData"
    if not person.subscribed:
        return 6, "notSubscribed"
    if person.unanswered >= UNANSWERED:
        return 12, "tooManyRequests"
    if sent.get("min_api_version", 1) > person.api_version:
        return 13, "apiVersionNotSupported"
    return None


def _shown(sent: Json) -> Seen | None:
    """Give what the app shows of a message; None: the API refuses it."""
    text, name = sent.get("text", ""), sent.get("sender", {}).get("name", "")
    if sent.get("type") != "text" or not set(sent) <= _FIELDS:
        return None
    if not 0 < len(text.encode("utf-16-le")) // 2 <= _TEXT_CHARS or not 0 < len(name) <= _NAME_CHARS:
        return None
    if "keyboard" not in sent:
        return Seen(text)
    return _tappable(text, sent["keyboard"], sent.get("min_api_version", 1))


def _tappable(text: str, keyboard: Json, version: int) -> Seen | None:
    buttons = keyboard.get("Buttons", [])
    if keyboard.get("Type") != "keyboard" or not buttons or _rows(buttons) > _ROWS:
        return None
    if not all(_is_valid(button, version) for button in buttons):
        return None
    replies = {html.unescape(one["Text"]): one["ActionBody"] for one in buttons if one["ActionType"] == "reply"}
    return Seen(text, replies, asks_place=any(one["ActionType"] == "location-picker" for one in buttons))


def _is_valid(button: Json, version: int) -> bool:
    return (
        version >= _ACTIONS.get(button["ActionType"], 99)
        and 0 < len(button["Text"]) <= _LABEL_CHARS
        and bool(button["ActionBody"])
        and 1 <= button["Columns"] <= _COLUMNS
        and 1 <= button["Rows"] <= 2
        and button["TextSize"] in ("small", "regular", "large")
        and "<" not in button["Text"]
    )


def _rows(buttons: list[Json]) -> int:
    """Count the rows of buttons that are laid out from the left, each as wide as it says."""
    rows, taken = 1, 0
    for button in buttons:
        if taken + button["Columns"] > _COLUMNS:
            rows, taken = rows + 1, 0
        taken += button["Columns"]
    return rows
