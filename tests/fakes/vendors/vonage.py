"""Vonage's Messages API for one number (https://developer.vonage.com/en/api/messages)."""

import hashlib
import hmac
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

KEY, SECRET, SIGNATURE_SECRET = "abcd1234", "api-secret-of-nobody", "signature-secret-of-nobody-at-all"
APPLICATION, NUMBER = "78d335fa-323d-0114-9c3d-d6f0d48968cf", "447700900000"
ERRORS = "https://developer.vonage.com/api-errors"
MOST_CHARACTERS = 3200


class VonagePerson(Person):
    def event(self, channel: str, type_: str, **content: Any) -> Json:
        number = next(self.fake.count)
        return {
            "channel": channel,
            "message_uuid": f"aaaaaaaa-bbbb-4ccc-8ddd-{number:012}",
            "to": NUMBER,
            "from": self.id,
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message_type": type_,
            "origin": {"network_code": "45601"},
            **content,
        }

    def typed(self, text: str) -> Json:
        first, _, _ = text.strip().partition(" ")
        about = {"num_messages": str(-(-len(text) // 67)), "keyword": first.upper()}
        return self.event("sms", "text", text=text, sms=about, usage={"currency": "EUR", "price": "0.0000"})

    def photographed(self, content: bytes, caption: str = "") -> Json:
        id_ = f"1b456509-974c-458b-aafa-{next(self.fake.count):012}"
        self.fake.files[id_] = content
        image = {"url": f"{self.fake.url}/v3/media/{id_}", "name": "image.jpg"}
        return self.event("mms", "image", image={**image, "caption": caption} if caption else image)


class FakeVonage(FakeVendor):
    name = "vonage"

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "vonage_api_key": KEY,
            "vonage_api_secret": SECRET,
            "vonage_signature_secret": SIGNATURE_SECRET,
            "vonage_application_id": APPLICATION,
            "vonage_from_number": NUMBER,
            "vonage_api_url": self.url,
            "vonage_rest_url": self.url,
        }

    def person(self) -> Person:
        person = VonagePerson(self, f"85510{next(self.count):06}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        (event,) = events  # Vonage gives one message a call
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"authorization": f"Bearer {_token(body)}", "content-type": "application/json"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/messages", self.send),
            web.get("/v3/media/{id}", self.media),
            web.get("/v2/applications/{id}", self.application),
            web.get("/account/get-balance", self.balance),
            web.get("/account/numbers", self.numbers),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        if not _allowed(request):
            return _problem(401, "#unauthorized", "You did not provide correct credentials.")
        try:
            sent = await request.json()
        except ValueError:
            return _problem(422, "#invalid-json", "The request body did not contain valid JSON")
        self.calls.append(sent)
        if refused := _unprocessable(sent):
            return _problem(422, *refused)
        shown = Seen(sent["text"], id=f"aaaaaaaa-bbbb-4ccc-8ddd-{next(self.count):012}")
        person = self.people.get(sent["to"])
        show = person.seen.append if person else _nobody
        if failed := await self.faulty(request, lambda: show(shown)):
            return failed
        show(shown)
        return web.json_response({"message_uuid": shown.id}, status=202)

    async def media(self, request: web.Request) -> web.Response:
        """Give a file to whoever has its address; a key for our account in the question would be a leak."""
        if "authorization" in request.headers or request.match_info["id"] not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[request.match_info["id"]], content_type="image/jpeg")

    async def application(self, request: web.Request) -> web.Response:
        if not _allowed(request):
            return _problem(401, "#unauthorized", "You did not provide correct credentials.")
        if request.match_info["id"] != APPLICATION:
            return _problem(404, "#not-found", "The requested resource does not exist")
        hook = {"address": self.webhook_url, "http_method": "POST"}
        messages = {
            "version": "v1",
            "webhooks": {"inbound_url": hook, "status_url": hook},
            "authenticate_inbound_media": False,
        }
        return web.json_response({"id": APPLICATION, "name": "Line", "capabilities": {"messages": messages}})

    async def balance(self, request: web.Request) -> web.Response:
        if not _allowed(request):
            label = {"error-code": "401", "error-code-label": "authentication failed"}
            return web.json_response(label, status=401)
        return web.json_response({"value": 10.28, "autoReload": False})

    async def numbers(self, request: web.Request) -> web.Response:
        if not _allowed(request):
            label = {"error-code": "401", "error-code-label": "authentication failed"}
            return web.json_response(label, status=401)
        if request.query.get("pattern", "") not in NUMBER:
            return web.json_response({})
        number = {"country": "GB", "msisdn": NUMBER, "type": "mobile-lvn", "features": ["SMS"], "app_id": APPLICATION}
        return web.json_response({"count": 1, "numbers": [number]})

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY:
                return _refused(429, "/messages#1000", {"retry-after": "1"})
            case Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(429, "/messages#1000")
            case Fault.BLOCKED:  # taken, and the status later says 1240 to whom it may concern
                return Response(202, body=json.dumps({"message_uuid": f"blocked-{next(self.count)}"}).encode())
            case Fault.WINDOW_CLOSED:  # SMS has none; this is what the interface has for networks that do
                return _refused(422, "/messages#1340")
            case _:
                return _refused(500, "/messages#1030")


def _nobody(_: Seen) -> None:
    """Take a message to a number that nobody has: Vonage cannot know, and takes it too."""


def _token(body: bytes) -> str:
    claims = {
        "iat": int(time.time()),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": KEY,
        "application_id": APPLICATION,
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signed = ".".join(map(_base64url, parts))
    return f"{signed}.{_base64url(hmac.new(SIGNATURE_SECRET.encode(), signed.encode(), hashlib.sha256).digest())}"


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _allowed(request: web.Request) -> bool:
    return request.headers.get("authorization") == "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()


def _unprocessable(sent: Json) -> tuple[str, str] | None:
    """Say why the interface does not take a message; None: it does."""
    to, text = sent.get("to"), sent.get("text")
    if sent.get("channel") != "sms":
        return "/messages#1400", "Unsupported channel"
    if sent.get("message_type") != "text":
        return "/messages#1440", "Invalid message type"
    if sent.get("from") != NUMBER:
        return "/messages#1420", "Invalid sender"
    if not (isinstance(to, str) and to.isascii() and to.isdigit() and 7 <= len(to) <= 15 and to[0] != "0"):
        return "/messages#1430", "Invalid recipient"
    encoding = sent.get("sms", {}).get("encoding_type", "auto")
    if not isinstance(text, str) or not 0 < len(text) <= MOST_CHARACTERS or encoding not in {"auto", "text", "unicode"}:
        return "/messages#1150", "Invalid params"
    return None


def _error(code: str, title: str) -> bytes:
    problem = {"type": ERRORS + code, "title": title, "detail": "no", "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}
    return json.dumps(problem).encode()


def _problem(status: int, code: str, title: str) -> web.Response:
    return web.Response(status=status, body=_error(code, title), content_type="application/problem+json")


def _refused(status: int, code: str, headers: Mapping[str, str] = {}) -> Response:
    return Response(status, {"content-type": "application/problem+json", **headers}, _error(code, "no"))
