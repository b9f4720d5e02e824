"""Meta's Graph API for one page (https://developers.facebook.com/documentation/business-messaging/messenger-platform)."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

TOKEN, SECRET, VERIFY = "EAAfake", "app-secret-of-nobody", "typed-into-the-console"
PAGE = "682498302938465"
_KNOWN_FIELDS = frozenset(
    {
        "messages",
        "messaging_postbacks",
        "messaging_referrals",
        "messaging_optins",
        "message_reactions",
        "message_edits",
        "standby",
    }
)


class MessengerPerson(Person):
    def event(self, **held: Any) -> Json:
        return {
            "sender": {"id": self.id},
            "recipient": {"id": PAGE},
            "timestamp": int(time.time() * 1000),
            **held,
        }

    def message(self, **held: Any) -> Json:
        return self.event(message={"mid": f"m_{next(self.fake.count):030}", **held})

    def typed(self, text: str) -> Json:
        return self.message(text=text)

    def tapped(self, shown: Seen, label: str) -> Json:
        return self.message(text=label, quick_reply={"payload": shown.buttons[label]})

    def photographed(self, content: bytes, caption: str = "") -> Json:  # noqa: ARG002 - the app has none
        id_ = str(next(self.fake.count))
        self.fake.files[id_] = content
        url = f"{self.fake.url}/cdn/{id_}.jpg?oh={_right(id_)}"
        return self.message(attachments=[{"type": "image", "payload": {"url": url}}])


class FakeMessenger(FakeVendor):
    name = "messenger"

    def __init__(self) -> None:
        super().__init__()
        self.subscribed = ["messages", "messaging_postbacks"]
        self.profile: Json = {}

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "messenger_token": TOKEN,
            "messenger_app_secret": SECRET,
            "messenger_verify_token": VERIFY,
            "messenger_page_id": PAGE,
            "messenger_api_url": self.url,
        }

    def person(self) -> Person:
        person = MessengerPerson(self, f"{5275811702000000 + next(self.count)}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        entry = {"id": PAGE, "time": int(time.time() * 1000), "messaging": list(events)}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{PAGE}/messages", self.send),
            web.get(f"/{PAGE}/subscribed_apps", self.subscriptions),
            web.post(f"/{PAGE}/subscribed_apps", self.subscribe),
            web.get("/me", self.me),
            web.post("/me/messenger_profile", self.set_profile),
            web.get("/cdn/{name}", self.download),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        if not _may(request):
            return _answer(_no_token())
        sent = await request.json()
        self.calls.append(sent)
        person = self.people.get(sent.get("recipient", {}).get("id", ""))
        if person is None:
            return _answer(_refused(100, 2018001, "(#100) No matching user found"))
        shown = _shown(sent)
        if shown is None:
            return _answer(_refused(100, None, "(#100) Invalid parameter"))
        if failed := await self.faulty(request, lambda: person.seen.append(shown)):
            return failed
        person.seen.append(shown)
        shown.id = f"m_ours{next(self.count)}"
        return web.json_response({"recipient_id": person.id, "message_id": shown.id})

    async def me(self, request: web.Request) -> web.Response:
        if not _may(request):
            return _answer(_no_token())
        return web.json_response(
            {"id": PAGE} if request.query.get("fields") == "id" else {"id": PAGE, "name": "Messages"}
        )

    async def subscriptions(self, request: web.Request) -> web.Response:
        if not _may(request):
            return _answer(_no_token())
        app = {
            "category": "Business",
            "name": "Messages",
            "id": "1517776481860111",
            "subscribed_fields": self.subscribed,
        }
        return web.json_response({"data": [app] if self.subscribed else []})

    async def subscribe(self, request: web.Request) -> web.Response:
        if not _may(request):
            return _answer(_no_token())
        asked = request.query.get("subscribed_fields", "").split(",")
        if not set(asked) <= _KNOWN_FIELDS:
            return _answer(_refused(100, None, "(#100) Param subscribed_fields must be one of its known values"))
        self.subscribed = asked
        return web.json_response({"success": True})

    async def set_profile(self, request: web.Request) -> web.Response:
        if not _may(request):
            return _answer(_no_token())
        self.profile = await request.json()
        if not 0 < len(self.profile.get("get_started", {}).get("payload", "")) <= 1000:
            return _answer(_refused(100, 2018145, "(#100) Payload must be set"))
        return web.json_response({"result": "success"})

    async def download(self, request: web.Request) -> web.Response:
        id_ = request.match_info["name"].removesuffix(".jpg")
        if request.query.get("oh") != _right(id_):
            return web.Response(status=403, text="Bad URL hash")
        return web.Response(body=self.files[id_], content_type="image/jpeg")

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY:
                return _refused(613, None, "(#613) Calls to this api have exceeded the rate limit.")
            case Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(80006, None, "There have been too many messenger api calls to this Page account.")
            case Fault.BLOCKED:
                return _refused(551, 1545041, "(#551) This person isn't available right now.")
            case Fault.WINDOW_CLOSED:
                return _refused(10, 2018278, "(#10) This message is sent outside of allowed window.")
            case _:
                return Response(500, body=b"oops")


def _may(request: web.Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {TOKEN}"


def _right(id_: str) -> str:
    """Give the right to read a file, which its address holds."""
    return hashlib.sha256(id_.encode()).hexdigest()[:16]


def _no_token() -> Response:
    return _refused(190, None, "Invalid OAuth access token.", 401)


def _refused(code: int, subcode: int | None, message: str, status: int = 400) -> Response:
    error: Json = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "BLBz/WZt8dN"}
    held = error | ({} if subcode is None else {"error_subcode": subcode})
    return Response(status, {"content-type": "application/json"}, json.dumps({"error": held}).encode())


def _answer(refusal: Response) -> web.Response:
    return web.Response(status=refusal.status, headers=dict(refusal.headers), body=refusal.body)


def _shown(sent: Json) -> Seen | None:
    """Give what the app shows of a message; None: the API refuses it."""
    message = sent.get("message", {})
    if sent.get("messaging_type") != "RESPONSE" or not set(message) <= {"text", "quick_replies"}:
        return None
    if sent.get("notification_type", "REGULAR") not in {"REGULAR", "SILENT_PUSH", "NO_PUSH"}:
        return None
    text, taps = message.get("text", ""), message.get("quick_replies")
    if not 0 < len(text) <= 2000:
        return None
    return Seen(text) if taps is None else _tappable(text, taps)


def _tappable(text: str, taps: list[Json]) -> Seen | None:
    fits = 0 < len(taps) <= 13 and all(_is_tap(tap) for tap in taps)
    titles = [tap.get("title") for tap in taps]
    if not fits or len(set(titles)) < len(titles):
        return None
    return Seen(text, {tap["title"]: tap["payload"] for tap in taps})


def _is_tap(tap: Json) -> bool:
    return (
        set(tap) == {"content_type", "title", "payload"}
        and tap["content_type"] == "text"
        and 0 < len(tap["title"]) <= 20
        and 0 < len(tap["payload"]) <= 1000
    )
