"""SMS and MMS, by Vonage's Messages API (https://developer.vonage.com/en/api/messages)."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from pydantic import SecretStr

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities, Place
from bot.channels.health import Fault
from bot.channels.items import Fields, Item, body_of, objects, within, words
from bot.channels.plan import Part
from bot.channels.proof import is_same
from bot.channels.text import utf16
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.vonage.reading import items_of, said, sent_at
from bot.channels.wire import Call, Request, Response, json_object
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

_SMS = "sms"
_CANARY = "canary:"
"""Vendors name senders by digits, or by letters and digits."""
_SHORTEST_NUMBER = 7
"""Digits; what is shorter is a short code, which the list of numbers does not hold."""


class VonageAccount(Account):
    """An application of an account, and the number that is linked to it."""

    api_key: str
    api_secret: SecretStr
    signature_secret: SecretStr
    application_id: str
    from_number: str
    api_url: str = "https://api.nexmo.com"
    rest_url: str = "https://rest.nexmo.com"


class Vonage(Vendor):
    """One number."""

    name = "vonage"
    channel = _SMS
    capabilities = Capabilities(
        max_text=3200,  # version 1.20 of the reference; segments are made, and charged, by Vonage
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=utf16,
        place=Place.LINK,
    )

    def __init__(self, account: VonageAccount, webhook_url: str) -> None:
        """Take our account, and where Vonage calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api, self._rest = account.api_url.rstrip("/"), account.rest_url.rstrip("/")
        self._auth = (account.api_key, account.api_secret.get_secret_value())
        self._from = account.from_number.strip().removeprefix("+")
        self._schemes = ("https://", "http://") if self._api.startswith("http://") else ("https://",)

    def proves(self, call: Call) -> bool:
        """See `Vendor`: by a token over the body (https://developer.vonage.com/en/getting-started/concepts/webhooks)."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        claims = _claims(self._account.signature_secret, token)
        return _covers(claims, call.body) and _timely(claims)

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: a message, and each file of it."""
        return list(items_of(body_of(call)))

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        address = Address(_SMS, Private(item.user))
        return Update(item.dedupe, address, said(item.content, self._schemes), sent_at=sent_at(item.content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        now = datetime.now(UTC).isoformat()
        message = {"message_uuid": id_, "from": _CANARY, "to": self._from, "timestamp": now, "text": words}
        body = json.dumps({"channel": _SMS, "message_type": "text", **message}).encode()
        headers = {"authorization": "Bearer " + _token(self._account.signature_secret, body)}
        return Call("POST", self._webhook_url, headers=headers, body=body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://developer.vonage.com/en/api/messages#SendMessage)."""
        message = {
            "message_type": "text",
            "channel": _SMS,
            "to": address.user.reveal(),
            "from": self._from,
            "text": part.text,
            "sms": {"encoding_type": "auto"},
        }
        return Request(f"{self._api}/v1/messages", json=message, auth=self._auth)

    def outcome(self, response: Response) -> str:
        """See `Vendor`."""
        if response.is_success:
            return words(response.json.get("message_uuid"))
        raise refused(response, _code(response), _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: an address that anybody may ask, for 48 hours.

        The reference: https://developer.vonage.com/en/messages/concepts/secure-inbound-media.
        """
        return Request(attachment.handle.reveal(), method="GET")

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`: the key, the application's webhook, and whether our number is linked to it."""
        asked = [
            Inquiry(self._get(f"{self._rest}/account/get-balance"), _judged),
            Inquiry(self._get(f"{self._api}/v2/applications/{self._account.application_id}"), self._of_application),
        ]
        if self._from.isdigit() and len(self._from) >= _SHORTEST_NUMBER:
            numbers = self._get(f"{self._rest}/account/numbers", {"pattern": self._from, "search_pattern": "1"})
            asked.append(Inquiry(numbers, self._of_numbers))
        return asked

    def _get(self, url: str, query: Mapping[str, str] = MappingProxyType({})) -> Request:
        return Request(url, query=query, auth=self._auth, method="GET")

    def _of_application(self, response: Response) -> Fault | None:
        """Judge an application (https://developer.vonage.com/en/api/application.v2)."""
        if fault := _judged(response):
            return fault
        messages = within(within(response.json, "capabilities"), "messages")
        address = words(within(within(messages, "webhooks"), "inbound_url").get("address"))
        if not address:
            return Fault.NOT_SUBSCRIBED
        if self._webhook_url and address != self._webhook_url:
            return Fault.WEBHOOK_ELSEWHERE
        # secured, files are given only to a private key that we do not hold
        return Fault.NO_PERMISSION if messages.get("authenticate_inbound_media") else None

    def _of_numbers(self, response: Response) -> Fault | None:
        """Judge the list of our numbers (https://developer.vonage.com/en/api/numbers)."""
        if fault := _judged(response):
            return fault
        ours = [number for number in objects(response.json.get("numbers")) if number.get("msisdn") == self._from]
        if not ours:
            return Fault.NO_SUCH_ACCOUNT
        linked = (ours[0].get("app_id"), ours[0].get("messagesCallbackValue"))
        return None if self._account.application_id in linked else Fault.NOT_SUBSCRIBED


# --- The token: a JWT by HS256, of which nothing is read before its signature is right ---

_EARLY = timedelta(hours=1)
"""Of our clock, when it goes behind: Vonage does not ask again after a refusal, so a report would be lost."""
_LATE = timedelta(hours=25)
"""Vonage calls for 24 hours (https://api.support.vonage.com/hc/en-us/articles/360028543292); ids tell repeats."""


def _claims(secret: SecretStr, token: str) -> Fields:
    """Give what a token claims; nothing, if it is not signed with our secret by the one algorithm that Vonage uses."""
    signed, _, given = token.rpartition(".")
    if not hmac.compare_digest(given.encode(), _signature(secret, signed.encode())):
        return {}
    header, _, claims = signed.partition(".")
    return _decoded(claims) if _decoded(header).get("alg") == "HS256" else {}


def _covers(claims: Fields, body: bytes) -> bool:
    return is_same(words(claims.get("payload_hash")), sha256(body).hexdigest())


def _timely(claims: Fields) -> bool:
    now = time.time()
    match claims.get("iat"):
        case int() | float() as issued:
            return now - _LATE.total_seconds() <= issued <= now + _EARLY.total_seconds()
        case _:
            return False


def _token(secret: SecretStr, body: bytes) -> str:
    claims = {"iss": "Vonage", "iat": int(time.time()), "payload_hash": sha256(body).hexdigest()}
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + _signature(secret, signed)).decode()


def _signature(secret: SecretStr, signed: bytes) -> bytes:
    return _encoded(hmac.digest(secret.get_secret_value().encode(), signed, "sha256"))


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(part: str) -> Fields:
    try:
        return json_object(urlsafe_b64decode(part + "=" * (-len(part) % 4))) or {}
    except ValueError:
        return {}


# --- What Vonage refuses ---

_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        402: Verdict.TROUBLE,  # no credit: an HTTP status, and no code of a message is as low
        404: Verdict.TROUBLE,  # nothing is at this address, or not for us
        1000: Verdict.SLOWER,
        1060: Verdict.TROUBLE,  # account barred
        1070: Verdict.TROUBLE,  # quota
        1080: Verdict.TROUBLE,  # account not enabled
        1120: Verdict.TROUBLE,  # our number is not one that may send
        1160: Verdict.TROUBLE,  # a trial account sends only to numbers that it lists
        1241: Verdict.SLOWER,
        1420: Verdict.TROUBLE,  # as 1120, by the other list
        1472: Verdict.SLOWER,
    }
)
"""https://developer.vonage.com/en/api-errors/messages; for some refusals the reference has other numbers."""


def _code(response: Response) -> int:
    """Give the number at the end of an error's address, else the HTTP status."""
    _, _, number = words(response.json.get("type")).rpartition("#")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else response.status


_OF_STATUS: Mapping[int, Fault] = MappingProxyType(
    {401: Fault.TOKEN_REVOKED, 403: Fault.NO_PERMISSION, 404: Fault.NO_SUCH_ACCOUNT}
)


def _judged(response: Response) -> Fault | None:
    """Say what an answer about our own account means."""
    return None if response.is_success else _OF_STATUS.get(response.status, Fault.UNREACHABLE)
