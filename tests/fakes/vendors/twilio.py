"""Twilio's REST API for one account with one number (https://www.twilio.com/docs/messaging/api)."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.text import utf16
from bot.channels.wire import Call, Response
from tests.fakes.vendors.base import FakeVendor, Fault, Json, Person, Seen

SID, TOKEN = "AC00000000000000000000000000000001", "auth-token-of-nobody"
NUMBER, NUMBER_SID = "+15005550006", "PN00000000000000000000000000000001"
PATH = f"/2010-04-01/Accounts/{SID}"
MOST_CHARS = 1600


class TwilioPerson(Person):
    """A phone: SMS knows no buttons."""

    def event(self, kind: str, **more: str) -> Json:
        sid = f"{kind}{next(self.fake.count):032x}"
        same = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sid)
        where = {"FromCountry": "KH", "FromCity": "PHNOM PENH", "FromState": "", "FromZip": "", "ToCountry": "US"}
        head = {"AccountSid": SID, "From": self.id, "To": NUMBER, "SmsStatus": "received", "NumSegments": "1"}
        return {"NumMedia": "0", **where, **head, **same, **more, "ApiVersion": "2010-04-01"}

    def typed(self, text: str) -> Json:
        return self.event("SM", Body=text)

    def photographed(self, content: bytes, caption: str = "") -> Json:
        id_ = f"ME{next(self.fake.count):032x}"
        self.fake.files[id_] = content
        media = {"MediaUrl0": f"{self.fake.url}{PATH}/Messages/MM0/Media/{id_}", "MediaContentType0": "image/jpeg"}
        return self.event("MM", Body=caption, **{**media, "NumMedia": "1"})


class FakeTwilio(FakeVendor):
    """The API, where files are kept, and the webhook's other end: one message a call."""

    name = "twilio"

    def __init__(self) -> None:
        super().__init__()
        self.number = {"phone_number": NUMBER, "sid": NUMBER_SID, "sms_url": "", "sms_method": "POST"}

    @property
    def settings(self) -> Json:
        return {
            "twilio_account_sid": SID,
            "twilio_auth_token": TOKEN,
            "twilio_from_number": NUMBER,
            "twilio_number_sid": NUMBER_SID,
            "twilio_api_url": self.url,
        }

    def person(self) -> Person:
        person = TwilioPerson(self, f"+1555010{next(self.count):04}")
        self.people[person.id] = person
        return person

    def call(self, *events: Any) -> Call:
        (event,) = events
        said = self.webhook_url + "".join(name + event[name] for name in sorted(event))
        signature = base64.b64encode(hmac.new(TOKEN.encode(), said.encode(), hashlib.sha1).digest()).decode()
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "i-twilio-idempotency-token": event["MessageSid"],
            "x-twilio-signature": signature,
        }
        return Call("POST", self.webhook_url, {}, headers, urlencode(event).encode())

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{PATH}/Messages.json", self.send),
            web.get(f"{PATH}.json", self.account),
            web.get(f"{PATH}/IncomingPhoneNumbers.json", self.numbers),
            web.post(f"{PATH}/IncomingPhoneNumbers/{NUMBER_SID}.json", self.update),
            web.get(f"{PATH}/Messages/{{message}}/Media/{{id}}", self.media),
            web.get("/kept/{id}", self.kept),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(sent)
        if refusal := _wrong(request, sent):
            return refusal
        person = self.people.get(sent["To"])
        shown = Seen(sent["Body"], id=f"SM{next(self.count):032x}")
        screen = person.seen if person else []
        if failed := await self.faulty(request, lambda: screen.append(shown)):
            return failed
        screen.append(shown)
        held = {
            "sid": shown.id,
            "status": "queued",
            "error_code": None,
            "error_message": None,
            "direction": "outbound-api",
        }
        return web.json_response({**held, "to": sent["To"], "from": NUMBER, "body": sent["Body"]}, status=201)

    async def account(self, request: web.Request) -> web.Response:
        return _stranger(request) or web.json_response({"sid": SID, "status": "active", "type": "Full"})

    async def numbers(self, request: web.Request) -> web.Response:
        found = [self.number] if request.query.get("PhoneNumber", "") in NUMBER else []
        return _stranger(request) or web.json_response({"incoming_phone_numbers": found, "page": 0})

    async def update(self, request: web.Request) -> web.Response:
        if stranger := _stranger(request):
            return stranger
        form = await request.post()
        self.number |= {"sms_url": form["SmsUrl"], "sms_method": form["SmsMethod"]}
        return web.json_response(self.number)

    async def media(self, request: web.Request) -> web.Response:
        """Send on to where the file is: another host, which is not to see our credentials."""
        id_ = request.match_info["id"]
        if id_ not in self.files:
            return _error(404, 20404, "The requested resource was not found")
        elsewhere = f"{self.url}/kept/{id_}".replace("127.0.0.1", "localhost")
        return _stranger(request) or web.Response(status=307, headers={"location": elsewhere})

    async def kept(self, request: web.Request) -> web.Response:
        if "authorization" in request.headers:
            return web.Response(status=400, text="Only one auth mechanism allowed")
        return web.Response(body=self.files[request.match_info["id"]], content_type="image/jpeg")

    def refusal(self, fault: Fault) -> Response:
        match fault:
            case Fault.TOO_MANY:
                return _refused(429, 20429)
            case Fault.TOO_MANY_WITHOUT_A_WORD:
                return _refused(429, 21611)
            case Fault.BLOCKED:
                return _refused(400, 21610)
            case Fault.WINDOW_CLOSED:  # there is no window: the number takes no messages any more
                return _refused(400, 21614)
            case _:
                return _refused(500, 20500)


def _stranger(request: web.Request) -> web.Response | None:
    """Refuse whoever does not know our secrets."""
    known = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    return None if request.headers.get("authorization") == known else _error(401, 20003, "Authenticate")


_NAMES = frozenset(
    {"To", "From", "MessagingServiceSid", "Body", "ValidityPeriod", "ContentRetention", "AddressRetention"}
)


def _wrong(request: web.Request, sent: Json) -> web.Response | None:
    """Refuse what Twilio refuses; this account has no messaging service and no redaction."""
    checks = (
        (request.content_type != "application/x-www-form-urlencoded" or not sent.keys() <= _NAMES, 20001),
        (not sent.get("To"), 21604),
        (not sent.get("From"), 21603),
        (not _is_number(sent.get("To", "")), 21211),
        (sent.get("From") != NUMBER, 21659),
        (sent.get("To") == sent.get("From"), 21266),
        ("MessagingServiceSid" in sent, 21705),
        (not sent.get("Body", "").strip(), 21602),
        (utf16(sent.get("Body", "")) > MOST_CHARS, 21617),
        ("ContentRetention" in sent, 30029),
        ("AddressRetention" in sent, 30030),
    )
    code = next((code for wrong, code in checks if wrong), None)
    return _stranger(request) or (_error(400, code, "no") if code else None)


def _is_number(given: str) -> bool:
    return given.startswith("+") and given[1:].isascii() and given[1:].isdigit() and 8 <= len(given) <= 16


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response(_problem(status, code, message), status=status)


def _refused(status: int, code: int) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(_problem(status, code, "no")).encode())


def _problem(status: int, code: int, message: str) -> Json:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}
