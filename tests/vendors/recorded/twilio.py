"""Twilio (https://www.twilio.com/docs/messaging/guides/webhook-request)."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qsl, urlencode

from pydantic import SecretStr

from bot.channels.twilio.vendor import Twilio, TwilioAccount
from bot.channels.wire import Call
from bot.model.codes import PartKind
from bot.model.message import Attachment, Left, Message, Pin, Start, Text, Unsupported
from bot.model.private import Private
from tests.vendors.shape import Shape

SID = "AC00000000000000000000000000000001"
TOKEN = "auth-token-of-nobody"
OURS = "+15005550006"
URL = "https://line.example/twilio/webhook"
ACCOUNT = TwilioAccount(account_sid=SID, auth_token=SecretStr(TOKEN), from_number=OURS)
VENDOR = Twilio(ACCOUNT, URL)

PROFILE = ("Sok Dara", "PHNOM PENH", "Boeng Keng", "120102", "fb.me")

API = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/MM00000000000000000000000000000002/Media"


def signed(url: str, said: str = "") -> str:
    """Sign an address and what follows it, as Twilio does."""
    return base64.b64encode(hmac.new(TOKEN.encode(), (url + said).encode("latin-1"), hashlib.sha1).digest()).decode()


def proven(body: bytes, url: str = URL, signed_url: str = "") -> Call:
    """Sign a form as Twilio does: each byte stands for itself, so that forms of any bytes can be signed."""
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    said = "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "i-twilio-idempotency-token": "d1d5ff2c-0000-0000-0000-000000000001",
        "user-agent": "TwilioProxy/1.1",
        "x-home-region": "us1",
        "x-twilio-signature": signed(signed_url or url, said),
    }
    return Call("POST", url, {}, headers, body)


def _json(held: dict[str, object]) -> Call:
    """Sign a body of JSON as Twilio does: by its hash in the address."""
    body = json.dumps(held).encode()
    digest = hashlib.sha256(body).hexdigest()
    headers = {"content-type": "application/json", "x-twilio-signature": signed(f"{URL}?bodySHA256={digest}")}
    return Call("POST", f"{URL}?bodySHA256={digest}", {"bodySHA256": digest}, headers, body)


HEAD = {
    "ToCountry": "US",
    "ToState": "NY",
    "SmsMessageSid": "SM00000000000000000000000000000001",
    "NumMedia": "0",
    "ToCity": "",
    "FromZip": "120102",
    "SmsSid": "SM00000000000000000000000000000001",
    "FromState": "Boeng Keng",
    "SmsStatus": "received",
    "FromCity": "PHNOM PENH",
    "Body": "",
    "FromCountry": "KH",
    "To": OURS,
    "NumSegments": "1",
    "MessageSid": "SM00000000000000000000000000000001",
    "AccountSid": SID,
    "From": "+85512000001",
}
LAST = {"ApiVersion": "2010-04-01"}


def _form(**more: str) -> bytes:
    return urlencode({**HEAD, **more, **LAST}).encode()


def _sms(body: str, **more: str) -> Call:
    return proven(_form(Body=body, **more))


def _mms(*files: tuple[str, str], body: str = "", **more: str) -> Call:
    urls = {f"MediaUrl{number}": url for number, (url, _) in enumerate(files)}
    types = {f"MediaContentType{number}": type_ for number, (_, type_) in enumerate(files) if type_}
    sid = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), "MM00000000000000000000000000000002")
    return _sms(body, **sid, NumMedia=str(len(files)), **urls, **types, **more)


def _only(**fields: str) -> Call:
    return proven(urlencode({**fields, "AccountSid": SID, **LAST}).encode())


def _status(status: str, **more: str) -> Call:
    sid = "SM00000000000000000000000000000009"
    head = {"SmsSid": sid, "MessageSid": sid, "SmsStatus": status, "MessageStatus": status}
    return _only(**head, To="+85512000001", From=OURS, **more)


def _text(words: str) -> tuple[Message]:
    return (Text(Private(words)),)


def _file(kind: PartKind, url: str, media_type: str, caption: str | None = None) -> Attachment:
    name = Private(kind.value)
    return Attachment(kind, Private(url), name, media_type, caption=Private(caption) if caption else None)


ONE, TWO, THREE = (f"{API}/ME0000000000000000000000000000000{number}" for number in (1, 2, 3))
_PHOTO = (ONE, "image/jpeg")
_NETWORK = {
    "ProfileName": "Sok Dara",
    "ChannelMetadata": '{"type":"rcs","data":{"context":{"ProfileName":"Sok Dara"}}}',
}
_RING = {"CallSid": "CA00000000000000000000000000000001", "From": "+85512000001", "To": OURS, "Direction": "inbound"}

SHAPES = {
    "Khmer": Shape(_sms("ជួយផង យើងនៅបាវិត"), _text("ជួយផង យើងនៅបាវិត")),
    "Chinese": Shape(_sms("救命，我们被关在西港", NumSegments="1"), _text("救命，我们被关在西港")),
    "Burmese": Shape(_sms("ကျွန်တော်တို့ကို ပိတ်ထားတယ်"), _text("ကျွန်တော်တို့ကို ပိတ်ထားတယ်")),
    "Thai": Shape(_sms("ช่วยด้วย เราอยู่ที่ปอยเปต"), _text("ช่วยด้วย เราอยู่ที่ปอยเปต")),
    "Vietnamese on two lines": Shape(_sms("cứu tôi với\nBavet"), _text("cứu tôi với\nBavet")),
    "an emoji": Shape(_sms("🆘👍🏽"), _text("🆘👍🏽")),
    "signs that forms are made of": Shape(_sms("5+5=10 & 100%41?"), _text("5+5=10 & 100%41?")),
    "of many parts": Shape(_sms("យើងជាប់ " * 190, NumSegments="23"), _text("យើងជាប់ " * 190)),
    "a number of a menu": Shape(_sms("២"), _text("២")),
    "nothing": Shape(_sms(""), _text("")),
    "bytes of no language": Shape(
        proven(_form(Body="BODY").replace(b"BODY", b"%FFhelp\xe1%9E")), _text("\N{REPLACEMENT CHARACTER}help\ufffd")
    ),
    "a phone's own words for a like": Shape(_sms("Liked “Are you safe now?”"), _text("Liked “Are you safe now?”")),
    "photo with words": Shape(_mms(_PHOTO, body="នេះជាទ្វារ"), (_file(PartKind.PHOTO, ONE, "image/jpeg", "នេះជាទ្វារ"),)),
    "photo without words": Shape(_mms(_PHOTO), (_file(PartKind.PHOTO, ONE, "image/jpeg"),)),
    "three files with words": Shape(
        _mms(_PHOTO, (TWO, "video/3gpp"), (THREE, "audio/amr"), body="the gate"),
        (
            _file(PartKind.PHOTO, ONE, "image/jpeg", "the gate"),
            _file(PartKind.VIDEO, TWO, "video/3gpp"),
            _file(PartKind.VOICE, THREE, "audio/amr"),
        ),
    ),
    "voice": Shape(_mms((ONE, "audio/ogg; codecs=opus")), (_file(PartKind.VOICE, ONE, "audio/ogg"),)),
    "document": Shape(_mms((ONE, "application/pdf")), (_file(PartKind.FILE, ONE, "application/pdf"),)),
    "card": Shape(_mms((ONE, "text/x-vcard")), (_file(PartKind.FILE, ONE, "text/x-vcard"),)),
    "file of no kind": Shape(_mms((ONE, "")), (_file(PartKind.FILE, ONE, "application/octet-stream"),)),
    "file that anybody on the line could read": Shape(
        _mms(("http://api.twilio.com/x", "image/jpeg"), body="the gate"), _text("the gate")
    ),
    "file that was lost": Shape(_sms("", NumMedia="1"), (Unsupported(),)),
    "stopped": Shape(_sms("Stop", OptOutType="STOP"), (Left(),)),
    "stopped in other words": Shape(_sms("cancel", OptOutType="STOP"), (Left(),)),
    "stopped without a word from Twilio": Shape(_sms("STOP"), _text("STOP")),
    "started again": Shape(_sms("Start ", OptOutType="START"), (Start(),)),
    "yes is an answer": Shape(_sms("Yes", OptOutType="START"), _text("Yes")),
    "help is a cry for help": Shape(_sms("HELP", OptOutType="HELP"), _text("HELP")),
    "from a short code": Shape(_sms("your code is 1234", From="12345"), _text("your code is 1234")),
    "from a name": Shape(_sms("top up now", From="SMART"), _text("top up now")),
    "by a messaging service": Shape(
        _sms("hi", MessagingServiceSid="MG00000000000000000000000000000001", AddOns='{"status":"successful"}'),
        _text("hi"),
    ),
    "to the second address": Shape(_sms("hi", ErrorCode="11200", ErrorUrl=URL), _text("hi")),
    "by RCS": Shape(_sms("hi", From="rcs:+85512000001", **_NETWORK), _text("hi")),
    "button of a template": Shape(_sms("No", ButtonText="No", ButtonPayload="no-1", **_NETWORK), _text("No")),
    "answer to an advertisement": Shape(
        _sms("hi", ReferralSourceUrl="https://fb.me/x", ReferralBody="jobs", **_NETWORK), _text("hi")
    ),
    "location": Shape(_sms("", Latitude="11.0665", Longitude="106.1656", **_NETWORK), (Pin(11.0665, 106.1656),)),
    "location with words": Shape(
        _sms("here", Latitude="11.0665", Longitude="106.1656", Label="Casino", Address="NR1, Bavet"),
        (Pin(11.0665, 106.1656, label=Private("Casino\nNR1, Bavet")), *_text("here")),
    ),
    "location of no place": Shape(_sms("", Latitude="nan", Longitude="106.1656"), (Unsupported(),)),
    "a field twice": Shape(proven(b"NumSegments=1&" + _form(Body="hi") + b"&" + _form(Body="hi")), _text("hi")),
    "signed with the port": Shape(
        proven(_form(Body="hi"), signed_url="https://line.example:443/twilio/webhook"), _text("hi")
    ),
    "signed without the port": Shape(
        proven(_form(Body="hi"), "https://line.example:8443/twilio/webhook", URL), _text("hi")
    ),
    "with a query": Shape(proven(_form(Body="hi"), f"{URL}?a=1&b=%E1%9E%80"), _text("hi")),
    "by its old id": Shape(
        _only(SmsSid="SM00000000000000000000000000000003", From="+85512000001", Body="hi"), _text("hi")
    ),
    "somebody rings": Shape(_only(**_RING, CallStatus="ringing"), (Unsupported(),)),
    "somebody rang": Shape(_only(**_RING, CallStatus="completed", CallDuration="12")),
    "sent": Shape(_status("sent")),
    "delivered": Shape(_status("delivered", RawDlrDoneDate="2611181412")),
    "not delivered": Shape(_status("undelivered", ErrorCode="30003", ErrorMessage="Unreachable")),
    "status in the old form": Shape(
        _only(SmsSid="SM00000000000000000000000000000009", SmsStatus="sent", To="+85512000001", From=OURS)
    ),
    "to a group": Shape(_mms(_PHOTO, body="look", OtherRecipients0="+85512000002", OtherRecipients1="+85512000003")),
    "from nobody": Shape(_sms("hi", From="")),
    "an event as JSON": Shape(_json({"MessageSid": "SM1", "From": "+85512000001", "Body": "hi"})),
}
