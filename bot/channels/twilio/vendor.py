"""SMS and MMS, by Twilio Programmable Messaging (https://www.twilio.com/docs/messaging)."""

import hmac
import string
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import urlencode

from pydantic import SecretStr

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities
from bot.channels.health import Fault
from bot.channels.items import Fields, Item, objects, words
from bot.channels.plan import Part
from bot.channels.twilio.reading import form_of, is_call, items_of, pairs, said
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Answer, Call, Request, Response
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

_API = "https://api.twilio.com"
_SIGNATURE = "x-twilio-signature"
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM_BYTES = 256 * 1024
"""Words are 1,600 characters and files ten, by their addresses: some 30 kB; nobody may make us sort megabytes."""
_MAX_FILE_BYTES = 16 * 1024 * 1024
"""Of RCS; MMS has 5 MB (https://www.twilio.com/docs/messaging/guides/accepted-mime-types)."""
_RETRIES = "#rc=5&rp=5xx,ct,rt"
"""Without it, Twilio tries once more, and only where it could not connect.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""
_CANARY = "canary:"
"""Twilio names people by numbers, or by letters and digits; only its other networks have a colon, in the middle."""


_VALID_SECONDS = "900"
"""So long a message may wait for a phone that is off; later somebody else may look at it."""


class TwilioAccount(Account):
    """A number.

    Attributes:
        account_sid: Names the account.
        auth_token: Proves Twilio's calls and, unless there is an API key, ours.
        from_number: What reporters write to, as +15005550006.
        number_sid: Names the number to the API; with it, its webhook is set.
        messaging_service_sid: What sends, where the number belongs to one.
        api_key: Names a key that sends instead of the token.
        api_key_secret: Its secret.
        redacts: Whether Twilio is asked to keep neither words nor whole numbers.
        api_url: Of the region.
    """

    account_sid: str
    auth_token: SecretStr
    from_number: str
    number_sid: str = ""
    messaging_service_sid: str = ""
    api_key: str = ""
    api_key_secret: SecretStr = SecretStr("")
    redacts: bool = False
    api_url: str = _API


class Twilio(Vendor):
    """One number."""

    name = "twilio"
    channel = "sms"
    capabilities = Capabilities(
        max_text=1600,  # an emoji counts as two: https://www.twilio.com/docs/api/errors/21617
        max_file_bytes=_MAX_FILE_BYTES,
        pushes=True,
        erases=False,
    )

    def __init__(self, account: TwilioAccount, webhook_url: str) -> None:
        """Take our number and its credentials, and where Twilio calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        self._of_account = f"{self._api}/2010-04-01/Accounts/{account.account_sid}"
        self._main = (account.account_sid, account.auth_token.get_secret_value())
        self._auth = (account.api_key, account.api_key_secret.get_secret_value()) if account.api_key else self._main

    def proves(self, call: Call) -> bool:
        """See `Vendor` (https://www.twilio.com/docs/usage/webhooks/webhooks-security)."""
        fields = _signed(call)
        if fields is None:
            return False
        given = call.headers.get(_SIGNATURE, "").encode(errors="replace")
        return any(hmac.compare_digest(given, self._signature(url, fields)) for url in _spellings(call.url))

    def _signature(self, url: str, fields: set[tuple[bytes, bytes]]) -> bytes:
        """Sign an address and the fields of a form; a field that comes twice with one value counts once."""
        signed = url.encode(errors="replace") + b"".join(name + value for name, value in sorted(fields))
        return b64encode(hmac.digest(self._main[1].encode(), signed, "sha1"))

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: one message a call; none of its files is fetched on a line that others read."""
        return items_of(form_of(call.body), (f"{self._api}/", "https://"))

    def reply(self, call: Call) -> Answer:
        """See `Vendor`: TwiML that says nothing, and takes no call."""
        twiml = b"<Response><Reject/></Response>" if is_call(form_of(call.body)) else b"<Response/>"
        return Answer(content=twiml, media_type="text/xml")

    def read(self, item: Item) -> Update:
        """See `Vendor`; Twilio does not say when a message was sent."""
        return Update(item.dedupe, Address(self.channel, Private(item.user)), said(item.content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        form = {"MessageSid": id_, "From": _CANARY, "To": self._account.from_number, "Body": words, "NumMedia": "0"}
        body = urlencode(form).encode()
        signature = self._signature(self._webhook_url, set(pairs(body))).decode()
        return Call("POST", self._webhook_url, headers={_SIGNATURE: signature, "content-type": _FORM}, body=body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource)."""
        service = self._account.messaging_service_sid
        form = {
            "To": address.user.reveal(),
            "From": self._account.from_number,  # with a service too: the number that the reporter wrote to answers
            "Body": part.text,
            **({"MessagingServiceSid": service} if service else {}),
            "ValidityPeriod": _VALID_SECONDS,
            **(_REDACTED if self._account.redacts else {}),
        }
        return Request(f"{self._of_account}/Messages.json", form=form, auth=self._auth)

    def outcome(self, response: Response) -> str:
        """See `Vendor`."""
        code = _code(response.json)
        if response.is_success and code is None:
            return words(response.json.get("sid"))
        raise refused(response, code, _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`; only Twilio gets our credentials, and sends on to where the file is."""
        url = attachment.handle.reveal()
        ours = url.startswith(f"{self._api}/") or _is_twilios(url)
        return Request(url, auth=self._auth if ours else None, method="GET")

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`: whether the account is alive, and where its number brings messages."""
        number, of_number = self._account.from_number, f"{self._of_account}/IncomingPhoneNumbers.json"
        account = Inquiry(Request(f"{self._of_account}.json", auth=self._main, method="GET"), _judged_account)
        if not number.startswith("+"):
            return [account]  # a short code is no phone number
        asked = Request(of_number, query={"PhoneNumber": number}, auth=self._auth, method="GET")
        return [account, Inquiry(asked, self._judged_number)]

    def registration(self) -> Sequence[Request]:
        """See `Vendor`: tried again within Twilio's 15 seconds, and then as a second address for as long once more."""
        if not (self._account.number_sid and self._webhook_url):
            return ()
        url = self._webhook_url + _RETRIES
        form = {"SmsUrl": url, "SmsMethod": "POST", "SmsFallbackUrl": url, "SmsFallbackMethod": "POST"}
        number = f"{self._of_account}/IncomingPhoneNumbers/{self._account.number_sid}.json"
        return (Request(number, form=form, auth=self._auth),)

    def _judged_number(self, response: Response) -> Fault | None:
        if not response.is_success:
            return _fault(response)
        numbers = objects(response.json.get("incoming_phone_numbers"))
        ours = next((one for one in numbers if one.get("phone_number") == self._account.from_number), None)
        if ours is None:
            return Fault.NO_SUCH_ACCOUNT
        if self._account.messaging_service_sid or not self._webhook_url:
            return None  # a messaging service has its own address
        return self._judged_webhook(ours)

    def _judged_webhook(self, number: Fields) -> Fault | None:
        """Tell whether messages come to us; what follows a # says how often Twilio tries."""
        url, _, _ = words(number.get("sms_url")).partition("#")
        if not url and not number.get("sms_application_sid"):
            return Fault.NOT_SUBSCRIBED
        if url != self._webhook_url or number.get("sms_application_sid"):
            return Fault.WEBHOOK_ELSEWHERE
        return Fault.NOT_SUBSCRIBED if number.get("sms_method") == "GET" else None


def _signed(call: Call) -> set[tuple[bytes, bytes]] | None:
    """Give what Twilio signs besides the address; None: nothing vouches for the body."""
    media_type, _, _ = call.headers.get("content-type", "").partition(";")
    if media_type.strip().lower() == _FORM:
        return set(pairs(call.body)) if len(call.body) <= _MAX_FORM_BYTES else None
    given = call.query.get("bodySHA256", "").encode(errors="replace")
    return set() if hmac.compare_digest(given, sha256(call.body).hexdigest().encode()) else None


def _spellings(url: str) -> list[str]:
    """Give an address as it is, without its port and with it: Twilio signs either (its SDKs try both)."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, _, port = host.partition(":")
    usual = "443" if scheme == "https" else "80"
    return [url, f"{scheme}://{name}{slash}{path}", f"{scheme}://{name}:{port or usual}{slash}{path}"]


_REDACTED = MappingProxyType({"ContentRetention": "discard", "AddressRetention": "obfuscate"})
"""https://www.twilio.com/docs/messaging/guides/privacy-message-redaction"""
_HOST_CHARS = frozenset(string.ascii_lowercase + string.digits + "-.")


def _is_twilios(url: str) -> bool:
    host, _, _ = url.removeprefix("https://").partition("/")
    return url.startswith("https://") and host.endswith(".twilio.com") and _HOST_CHARS.issuperset(host)


def _code(said: Fields) -> int | None:
    """Give the code of a refusal, or of a message that failed at once."""
    code = said.get("code") or said.get("error_code")
    return code if isinstance(code, int) else None


def _judged_account(response: Response) -> Fault | None:
    if not response.is_success:
        return _fault(response)
    return None if response.json.get("status") == "active" else Fault.NO_PERMISSION


def _fault(response: Response) -> Fault:
    by_status = Fault.UNREACHABLE if response.status >= 500 or response.status == 429 else Fault.TOKEN_REVOKED
    return _FAULTS.get(_code(response.json), by_status)


_FAULTS: Mapping[int | None, Fault] = MappingProxyType(
    {**dict.fromkeys((10001, 20403, 70051), Fault.NO_PERMISSION), 20404: Fault.NO_SUCH_ACCOUNT}
)
"""Suspended, closed, and a restricted key."""
_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **dict.fromkeys((20429, 21611, 30001, 63017), Verdict.SLOWER),  # too many at once, or in our number's queue
        21730: Verdict.LATER,  # maintenance
        **dict.fromkeys((10001, 20003, 20403, 30002, 70051), Verdict.TROUBLE),  # account or key
        **dict.fromkeys((21601, 21606, 21659, 21660, 21661), Verdict.TROUBLE),  # our number
        **dict.fromkeys((21703, 21705), Verdict.TROUBLE),  # messaging service
        **dict.fromkeys((30029, 30030), Verdict.TROUBLE),  # our account has no redaction
        **dict.fromkeys((21408, 21608, 63038), Verdict.TROUBLE),  # country not allowed, trial account, the day's limit
        **dict.fromkeys(
            (21610, 21211, 21612, 21614, 21617), Verdict.NEVER
        ),  # stopped, no such number, no way, too long
        **dict.fromkeys(range(30003, 30008), Verdict.NEVER),  # switched off, blocked, unknown, landline, filtered
    }
)
"""https://www.twilio.com/docs/api/errors"""
