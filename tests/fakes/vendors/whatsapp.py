"""Meta's Graph API for one WhatsApp number (https://developers.facebook.com/docs/whatsapp/cloud-api)."""

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
NUMBER = "106540352242922"


class WhatsAppPerson(Person):
    def event(self, type_: str, content: Any) -> Json:
        id_ = f"wamid.{next(self.fake.count):030}"
        head = {"from": "855000" + self.id[-6:], "from_user_id": self.id, "id": id_, "timestamp": str(int(time.time()))}
        return {**head, "type": type_, type_: content}

    def typed(self, text: str) -> Json:
        return self.event("text", {"body": text})

    def tapped(self, shown: Seen, label: str) -> Json:
        kind = "list_reply" if len(shown.buttons) > 3 else "button_reply"
        return self.event("interactive", {"type": kind, kind: {"id": shown.buttons[label], "title": label}})

    def pinned(self, lat: float, lon: float) -> Json:
        return self.event("location", {"latitude": lat, "longitude": lon})

    def photographed(self, content: bytes, caption: str = "") -> Json:
        id_ = str(next(self.fake.count))
        self.fake.files[id_] = content
        return self.event("image", {"id": id_, "mime_type": "image/jpeg", "sha256": "", "caption": caption})


class FakeWhatsApp(FakeVendor):
    name = "whatsapp"

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "whatsapp_token": TOKEN,
            "whatsapp_app_secret": SECRET,
            "whatsapp_verify_token": VERIFY,
            "whatsapp_phone_number_id": NUMBER,
            "whatsapp_api_url": self.url,
        }

    def person(self) -> Person:
        person = WhatsAppPerson(self, f"KH.{next(self.count):015}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        contacts = [{"profile": {"name": "Sok Dara"}, "wa_id": event["from"]} for event in events]
        metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": list(events)}
        changes = [{"field": "messages", "value": value}]
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{NUMBER}/messages", self.send),
            web.get(f"/{NUMBER}", self.number),
            web.get("/{id}", self.media),
            web.get("/download/{id}", self.download),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, 190, "Invalid OAuth access token.")
        sent = await request.json()
        self.calls.append(sent)
        person = self.people.get(sent.get("recipient", ""))
        if person is None:
            return web.json_response({"messages": [{"id": "dropped"}]})  # an id in `to` is taken, and nobody sees it
        shown = _shown(sent)
        if shown is None:
            return _error(400, 100, "(#100) Invalid parameter")
        if failed := await self.faulty(request, lambda: person.seen.append(shown)):
            return failed
        person.seen.append(shown)
        shown.id = f"wamid.ours{next(self.count)}"
        return web.json_response({"messaging_product": "whatsapp", "messages": [{"id": shown.id}]})

    async def number(self, _: web.Request) -> web.Response:
        return web.json_response({"id": NUMBER, "verified_name": "Messages"})

    async def media(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        if id_ not in self.files:
            return _error(404, 100, "Unsupported get request.")
        return web.json_response({"url": f"{self.url}/download/{id_}", "mime_type": "image/jpeg", "id": id_})

    async def download(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        return web.Response(body=self.files[request.match_info["id"]])

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY:
                return _refused(429, 130429, {"retry-after": "1"})
            case Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(400, 131056)
            case Fault.BLOCKED:
                return _refused(400, 131026)
            case Fault.WINDOW_CLOSED:
                return _refused(400, 131047)
            case _:
                return Response(500, body=b"oops")


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code, "type": "OAuthException"}}, status=status)


def _refused(status: int, code: int, headers: Mapping[str, str] = {}) -> Response:
    return Response(status, headers, json.dumps({"error": {"message": "no", "code": code}}).encode())


def _shown(sent: Json) -> Seen | None:
    """Give what the app shows of a message; None: the API refuses it."""
    if sent.get("messaging_product") != "whatsapp":
        return None
    if sent.get("type") == "text":
        text = sent["text"]["body"]
        return Seen(text) if 0 < len(text) <= 4096 else None
    interactive = sent["interactive"]
    text, action = interactive["body"]["text"], interactive["action"]
    if not 0 < len(text) <= 1024:
        return None
    match interactive["type"]:
        case "location_request_message" if action == {"name": "send_location"}:
            return Seen(text, asks_place=True)
        case "button":
            taps = [button["reply"] for button in action["buttons"]]
            return _tappable(text, taps, most=3, label=20, payload=256)
        case "list" if 0 < len(action["button"]) <= 20:
            taps = [row for section in action["sections"] for row in section["rows"]]
            return _tappable(text, taps, most=10, label=24, payload=200)
        case _:
            return None


def _tappable(text: str, taps: list[Json], most: int, label: int, payload: int) -> Seen | None:
    titles = [tap["title"] for tap in taps]
    fits = 0 < len(taps) <= most and all(0 < len(title) <= label for title in titles)
    if not fits or len(set(titles)) < len(titles) or not all(0 < len(tap["id"]) <= payload for tap in taps):
        return None
    return Seen(text, {tap["title"]: tap["id"] for tap in taps})
