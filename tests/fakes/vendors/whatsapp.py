"""Meta's Graph API for one WhatsApp number (https://developers.facebook.com/documentation/business-messaging/whatsapp).

What Meta refuses at once is refused with its codes; what it takes and does not deliver is taken here too, and told
afterwards by a call to the webhook, or never.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx
from aiohttp import web

from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

TOKEN, SECRET, VERIFY = "EAAfake", "app-secret-of-nobody", "typed-into-the-console"
NUMBER, BUSINESS, APP = "106540352242922", "102290129340398", "670843887433847"
OURS = "15550783881"
WINDOW_SECONDS = 24 * 3600
BURST, SECONDS_EACH = 45, 6.0
"""One message in six seconds for one person, and so many ahead of that."""


class Refused(Exception):
    """An error of Meta's own, at once."""

    def __init__(self, code: int, details: str = "") -> None:
        self.code = code
        self.response = _refusal(code, details)


class WhatsAppPerson(Person):
    wrote_at = 0.0
    room, room_at = float(BURST), 0.0

    @property
    def number(self) -> str:
        return "855000" + self.id[-6:]

    def event(self, type_: str, content: Any, **more: Any) -> Json:
        id_ = f"wamid.{next(self.fake.count):030}"
        head = {"from": self.number, "from_user_id": self.id, "id": id_, "timestamp": str(int(time.time()))}
        return {**head, "type": type_, type_: content, **more}

    def typed(self, text: str) -> Json:
        return self.event("text", {"body": text})

    def tapped(self, shown: Seen, label: str) -> Json:
        kind = "list_reply" if shown.id in self.fake.lists else "button_reply"
        tap = {"type": kind, kind: {"id": shown.buttons[label], "title": label}}
        return self.event("interactive", tap, context={"from": OURS, "id": shown.id})

    def pinned(self, lat: float, lon: float) -> Json:
        return self.event("location", {"latitude": lat, "longitude": lon})

    def photographed(self, content: bytes, caption: str = "") -> Json:
        id_ = str(next(self.fake.count))
        self.fake.files[id_] = content
        held = {"id": id_, "mime_type": "image/jpeg", "sha256": _digest(content), "url": f"{self.fake.url}/gone/{id_}"}
        return self.event("image", {**held, **({"caption": caption} if caption else {})})

    def has_room(self) -> bool:
        """Count a message to this person; tell whether it was not one too many."""
        now = time.monotonic()
        self.room = min(BURST, self.room + (now - self.room_at) / SECONDS_EACH)
        self.room_at = now
        if self.room < 1:
            return False
        self.room -= 1
        return True


class FakeWhatsApp(FakeVendor):
    name = "whatsapp"

    def __init__(self) -> None:
        super().__init__()
        self.dropped: list[Json] = []
        """Taken and delivered to nobody, without a word."""
        self.strangers: list[Json] = []
        """Delivered to somebody else, whose number they look like from here."""
        self.lists: set[str] = set()
        self.located: set[str] = set()
        self.is_heard = True
        """Whether our app is subscribed to the business account."""
        self.levels: dict[str, str] = {}
        """Where webhooks go instead of to the app's address, by what they are of."""
        self._telling: set[asyncio.Task[Any]] = set()

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "whatsapp_token": TOKEN,
            "whatsapp_app_secret": SECRET,
            "whatsapp_verify_token": VERIFY,
            "whatsapp_phone_number_id": NUMBER,
            "whatsapp_business_account_id": BUSINESS,
            "whatsapp_api_url": self.url,
        }

    def person(self) -> WhatsAppPerson:
        person = WhatsAppPerson(self, f"KH.{next(self.count):015}")
        self.people[person.id] = person
        return person

    # --- calls to our webhook ---

    def call(self, *events: Any) -> Call:
        for event in events:
            if person := self.people.get(event.get("from_user_id", "")):
                person.wrote_at = float(event["timestamp"])
        contacts = [
            {
                "profile": {"name": "Sok Dara", "username": "sokdara"},
                "wa_id": event["from"],
                "user_id": event["from_user_id"],
            }
            for event in events
        ]
        return self._webhook({"contacts": contacts, "messages": list(events)})

    def _webhook(self, value: Json) -> Call:
        metadata = {"display_phone_number": OURS, "phone_number_id": NUMBER}
        whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        entry = {"id": BUSINESS, "changes": [{"field": "messages", "value": whole}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
        return Call("POST", self.webhook_url, {}, headers, body)

    def _tell(self, id_: str, status: str, person: WhatsAppPerson, code: int = 0) -> None:
        """Tell afterwards what became of a message."""
        about = {"id": id_, "status": status, "timestamp": str(int(time.time())), "recipient_user_id": person.id}
        title, details = _TITLES.get(code, (0, "", ""))[1:]
        error = {"code": code, "title": title, "message": title, "error_data": {"details": details}}
        call = self._webhook({"statuses": [{**about, **({"errors": [error]} if code else {})}]})
        if self.webhook_url:
            task = asyncio.create_task(self.push_once(call))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{NUMBER}/messages", self._asked(self.send)),
            web.get(f"/{NUMBER}", self._asked(self.number)),
            web.post(f"/{NUMBER}", self._asked(self.configure)),
            web.get(f"/{BUSINESS}/subscribed_apps", self._asked(self.apps)),
            web.get("/download/{id}", self._asked(self.download)),
            web.get("/{id}", self._asked(self.media)),
        ]

    def _asked(self, handle: Any) -> Any:
        """Answer only who shows the token, and say what is wrong in Meta's form."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                _need(request.headers.get("authorization") == f"Bearer {TOKEN}", 190, "")
                return await handle(request)
            except Refused as error:
                return web.Response(status=error.response.status, body=error.response.body, headers=_JSON)

        return answer

    async def send(self, request: web.Request) -> web.StreamResponse:
        sent = await request.json()
        self.calls.append(sent)
        shown = _shown(sent)
        id_ = f"wamid.ours{next(self.count):024}"
        person = self._addressed(sent)
        if person is None:
            return _taken(sent, id_)
        if not person.has_room():
            raise Refused(131056)
        shown.id = id_
        if failed := await self.faulty(request, lambda: person.seen.append(shown)):
            return failed
        if time.time() - person.wrote_at > WINDOW_SECONDS:
            self._tell(id_, "failed", person, 131047)
            return _taken(sent, id_)
        if _kind(sent) == "list":
            self.lists.add(id_)
        person.seen.append(shown)
        self._tell(id_, "delivered", person)
        return _taken(sent, id_)

    def _addressed(self, sent: Json) -> WhatsAppPerson | None:
        """Find whom a message is for; where both are given, `to` counts."""
        to = sent.get("to")
        if to is None:
            person = self.people.get(sent["recipient"])
            if person is None:
                raise Refused(131026)
            return person
        if "." in to:
            self.dropped.append(sent)
            return None
        if not to.startswith("+"):
            self.strangers.append(sent)
            return None
        return next((person for person in self.people.values() if f"+{person.number}" == to), None)

    async def number(self, request: web.Request) -> web.Response:
        levels = {**({"application": self.webhook_url} if self.webhook_url else {}), **self.levels}
        known = {"id": NUMBER, "verified_name": "Messages", "webhook_configuration": levels}
        asked = request.query.get("fields", "id,verified_name").split(",")
        if wrong := [name for name in asked if name not in known]:
            raise Refused(100, f"Tried accessing nonexisting field ({wrong[0]})")
        return web.json_response({name: known[name] for name in asked})

    async def apps(self, _: web.Request) -> web.Response:
        link = f"https://www.facebook.com/games/?app_id={APP}"
        override = {"override_callback_uri": url} if (url := self.levels.get("whatsapp_business_account")) else {}
        app = {"whatsapp_business_api_data": {"id": APP, "link": link, "name": "Messages"}, **override}
        return web.json_response({"data": [app] if self.is_heard else []})

    async def configure(self, request: web.Request) -> web.Response:
        """Take another address for the number, once it has shown that it knows the token; an empty one: none."""
        asked = (await request.json())["webhook_configuration"]
        url = asked["override_callback_uri"]
        _need(len(url) <= 200, 100, "Param override_callback_uri must be at most 200 characters long.")
        _need(not url or await _greets(url, asked["verify_token"]), 2200, "Callback verification failed")
        self.levels.pop("phone_number", None)
        self.levels |= {"phone_number": url} if url else {}
        return web.json_response({"success": True})

    async def media(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        if id_ not in self.files:
            raise Refused(100, f"Unsupported get request. Object with ID '{id_}' does not exist")
        self.located.add(id_)
        content = self.files[id_]
        about = {"mime_type": "image/jpeg", "sha256": _digest(content), "file_size": str(len(content)), "id": id_}
        return web.json_response({"messaging_product": "whatsapp", "url": f"{self.url}/download/{id_}", **about})

    async def download(self, request: web.Request) -> web.Response:
        """Give a file at the address that was asked for; an address lives five minutes."""
        id_ = request.match_info["id"]
        return web.Response(body=self.files[id_]) if id_ in self.located else web.Response(status=404)

    def refusal(self, fault: Fault) -> Response:
        return _refusal(_CODES.get(fault, 131000))


_CODES: Mapping[Fault, int] = MappingProxyType(
    {
        Fault.TOO_MANY: 130429,
        Fault.TOO_MANY_WITHOUT_A_WORD: 131056,
        Fault.BLOCKED: 131026,
        Fault.WINDOW_CLOSED: 131047,
    }
)
"""Meta never says for how long."""
_TITLES: Mapping[int, tuple[int, str, str]] = MappingProxyType(
    {
        100: (400, "Invalid parameter", ""),
        190: (401, "Invalid OAuth access token - Cannot parse access token", ""),
        2200: (400, "Callback verification failed", ""),
        130429: (400, "Rate limit hit", "Cloud API message throughput has been reached."),
        131000: (500, "Something went wrong", "Message failed to send due to an unknown error."),
        131009: (400, "Parameter value is not valid", ""),
        131026: (400, "Message undeliverable", "Message Undeliverable."),
        131047: (
            400,
            "Re-engagement message",
            "More than 24 hours have passed since the recipient last replied to the sender number.",
        ),
        131056: (
            400,
            "(Business Account, Consumer Account) pair rate limit hit",
            "Message failed to send because there were too many messages sent to the same phone number.",
        ),
    }
)
"""By code: the HTTP status, the title and the details (.../whatsapp/support/error-codes)."""
_JSON = MappingProxyType({"content-type": "application/json; charset=UTF-8"})


def _refusal(code: int, details: str = "") -> Response:
    """Give an error in Meta's form: its codes of WhatsApp come with `error_data`, those of all of the API without."""
    status, title, usual = _TITLES[code]
    error: Json = {"message": f"(#{code}) {title}" if code != 190 else title, "type": "OAuthException", "code": code}
    if code > 100_000:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details or usual}
    elif details:
        error["message"] = f"(#{code}) {details}"
    body = json.dumps({"error": {**error, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam"}}).encode()
    return Response(status, _JSON, body)


def _taken(sent: Json, id_: str) -> web.Response:
    """Say that a message was taken; whether anybody sees it is another matter."""
    whom = {"input": sent["to"], "wa_id": sent["to"].lstrip("+")} if "to" in sent else {"input": sent["recipient"]}
    return web.json_response({"messaging_product": "whatsapp", "contacts": [whom], "messages": [{"id": id_}]})


async def _greets(url: str, token: str) -> bool:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    async with httpx.AsyncClient(timeout=20) as http:
        try:
            answer = await http.get(url, params=query)
        except httpx.HTTPError:
            return False
    return answer.is_success and answer.text == "1158201444"


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


# --- what is checked of a message ---

_HEAD = {"messaging_product", "recipient_type", "to", "recipient", "type", "context"}
_BODIES = {"button": 1024, "list": 4096, "location_request_message": 1024}


def _kind(sent: Json) -> str:
    return sent["interactive"]["type"] if sent["type"] == "interactive" else "text"


def _need(holds: bool, code: int, details: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise Refused(code, details)


def _shown(sent: Json) -> Seen:
    """Give what the app shows of a message."""
    _need(sent.get("messaging_product") == "whatsapp", 100, "The parameter messaging_product is required.")
    _need(sent.get("recipient_type", "individual") == "individual", 100, "Param recipient_type must be one of")
    _need(bool(sent.get("to") or sent.get("recipient")), 100, "The parameter to is required.")
    _need(sent.get("type") in ("text", "interactive"), 100, "Param type must be one of")
    for name in sent.keys() - _HEAD - {sent["type"]}:
        raise Refused(100, f'Unexpected key "{name}" on param')
    return _text(sent["text"]) if sent["type"] == "text" else _interactive(sent["interactive"])


def _text(text: Json) -> Seen:
    _need(text.keys() <= {"body", "preview_url"}, 100, "Unexpected key on param text")
    _need(0 < len(text["body"]) <= 4096, 100, "Param text['body'] must be at most 4096 characters long.")
    return Seen(text["body"])


def _interactive(interactive: Json) -> Seen:
    kind, body, action = interactive["type"], interactive["body"]["text"], interactive["action"]
    _need(interactive.keys() <= {"type", "header", "body", "footer", "action"}, 100, "Unexpected key on interactive")
    _need(kind in _BODIES, 131009, "Interactive type is not supported")
    _need(
        0 < len(body) <= _BODIES[kind], 131009, f"Body text length invalid. Min length: 1, Max length: {_BODIES[kind]}"
    )
    match kind:
        case "location_request_message":
            _need(action == {"name": "send_location"}, 131009, "Action is not valid")
            return Seen(body, asks_place=True)
        case "button":
            return Seen(body, _tappable(_replies(action), most=3, label=20, payload=256, thing="Button"))
        case _:
            return Seen(body, _tappable(_rows(action), most=10, label=24, payload=200, thing="Row"))


def _replies(action: Json) -> list[Json]:
    _need(all(button["type"] == "reply" for button in action["buttons"]), 131009, "Invalid button type")
    return [button["reply"] for button in action["buttons"]]


def _rows(action: Json) -> list[Json]:
    sections = action["sections"]
    _need(0 < len(action["button"]) <= 20, 131009, "Button label is too long. Max length is 20")
    _need(0 < len(sections) <= 10, 131009, "Total section count exceed max allowed count: 10")
    _need(len(sections) == 1 or all(section.get("title") for section in sections), 131009, "Section title is required")
    _need(all(len(section.get("title", "")) <= 24 for section in sections), 131009, "Section title is too long.")
    return [row for section in sections for row in section["rows"]]


def _tappable(taps: list[Json], most: int, label: int, payload: int, thing: str) -> dict[str, str]:
    titles, ids = [tap["title"] for tap in taps], [tap["id"] for tap in taps]
    _need(0 < len(taps) <= most, 131009, f"Total {thing.lower()} count exceed max allowed count: {most}")
    _need(all(0 < len(title) <= label for title in titles), 131009, f"{thing} title is too long. Max length is {label}")
    _need(all(0 < len(id_) <= payload for id_ in ids), 131009, f"{thing} id is too long. Max length is {payload}")
    _need(len(set(ids)) == len(ids), 131009, f"Duplicated {thing.lower()} id")
    _need(len(set(titles)) == len(titles), 131009, f"Duplicated {thing.lower()} title")
    return dict(zip(titles, ids, strict=True))
