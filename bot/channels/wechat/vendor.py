"""WeChat, by a verified service account that gets its messages in safe mode (https://developers.weixin.qq.com/doc/service).

Choices are numbers in the text and not WeChat's own menu messages: a tap on one of those lets us answer for one minute
only, and every answer that is typed for 48 hours
(https://developers.weixin.qq.com/doc/offiaccount/Customer_Service/Customer_Service_Messages.html).
"""

import asyncio
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr, field_validator

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities
from bot.channels.health import Fault, Health
from bot.channels.items import Item, words
from bot.channels.plan import Part
from bot.channels.proof import is_same
from bot.channels.sending import Sender
from bot.channels.text import utf8
from bot.channels.vended import Links, Vended
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wechat.reading import Envelope, fields_of, items_of, said, sent_at
from bot.channels.wire import Answer, Call, Request, Response, json_object
from bot.errors import AttachmentError, SendError, SendLater, UpdateError
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

NAME = "wechat"
_CANARY = "canary"
"""WeChat names users by 28 letters, digits, hyphens and low lines."""


class WeChatAccount(Account):
    """A service account: its two ids for calling WeChat, and its two for WeChat's calls to us."""

    app_id: str
    app_secret: SecretStr
    token: SecretStr
    encoding_aes_key: SecretStr
    api_url: str = "https://api.weixin.qq.com/cgi-bin"

    @field_validator("encoding_aes_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr) -> SecretStr:
        if len(_key(given)) != 32:
            raise ValueError("it has 43 letters and digits")
        return given


def _key(given: SecretStr) -> bytes:
    return b64decode(given.get_secret_value() + "=")


class WeChat(Vendor):
    """One service account."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=2047,  # bytes; longer ones are refused or shown cut
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=utf8,
        window=timedelta(hours=48),
        burst=5,
    )

    def __init__(self, account: WeChatAccount, webhook_url: str) -> None:
        """Take our account, and where WeChat calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        key = _key(account.encoding_aes_key)
        self._envelope = Envelope(account.token.get_secret_value(), key, account.app_id)

    def proves(self, call: Call) -> bool:
        """See `Vendor`: the sealed message is signed, and nothing beside it is read; a plain one has no proof."""
        return self._envelope.proven(call.query, call.body) is not None

    def greeting(self, call: Call) -> Answer | None:
        """See `Vendor`: the echo comes in the clear, in safe mode too (…/doc/service/guide/dev/push)."""
        if not is_same(call.query.get("signature", ""), self._envelope.signature(call.query)):
            return None
        return Answer(content=call.query.get("echostr", "").encode(errors="replace"))

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: one message or event."""
        fields = fields_of(self._envelope.proven(call.query, call.body) or b"")
        if not fields:
            raise UpdateError("not in WeChat's form")
        return items_of(fields)

    def reply(self, call: Call) -> Answer:  # noqa: ARG002 - the same for every call
        """See `Vendor`: after any other words the reporter is shown that we are broken."""
        return Answer(content=b"success")

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        content = item.content
        return Update(item.dedupe, Address(NAME, Private(item.user)), said(content), sent_at=sent_at(content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        xml = (
            f"<xml><ToUserName>us</ToUserName><FromUserName>{_CANARY}</FromUserName><CreateTime>{int(time.time())}"
            f"</CreateTime><MsgType>text</MsgType><Content>{escape(words)}</Content><MsgId>{id_}</MsgId></xml>"
        )
        sealed = self._envelope.sealed(xml.encode())
        query = {"timestamp": str(int(time.time())), "nonce": id_, "encrypt_type": "aes"}
        query["msg_signature"] = self._envelope.signature(query, sealed)
        body = f"<xml><ToUserName>us</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
        return Call("POST", f"{self._webhook_url}?{urlencode(query)}", query, {"content-type": "text/xml"}, body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage)."""
        text = {"touser": address.user.reveal(), "msgtype": "text", "text": {"content": part.text}}
        return self._request("message/custom/send", text)

    def _request(self, path: str, body: Mapping[str, Any]) -> Request:
        """Write a call with an empty place for the token."""
        return Request(f"{self._api}/{path}", json=body, query={_ACCESS: ""})

    def outcome(self, response: Response) -> str:
        """See `Vendor`; WeChat gives its messages no ids."""
        if response.is_success and errcode(response.body) == 0:
            return ""
        raise refused(response, errcode(response.body), _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor` (https://developers.weixin.qq.com/doc/service/api/material/temporary/api_getmedia)."""
        return Request(
            f"{self._api}/media/get", query={_ACCESS: "", "media_id": attachment.handle.reveal()}, method="GET"
        )

    def file_behind(self, response: Response) -> Request | None:
        """See `Vendor`: of a video the answer is where it is; the token must not go there."""
        url = words(response.json.get("video_url")) if response.is_success else ""
        return Request(url, method="GET") if url else None

    def access(self) -> Request:
        """Write the call for a token; again within its two hours, it gives the same."""
        secret = self._account.app_secret.get_secret_value()
        account = {"grant_type": "client_credential", "appid": self._account.app_id, "secret": secret}
        return Request(f"{self._api}/stable_token", json=account)

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`: the secret and our address, the right to send, and whether a webhook is set and found."""
        return [
            Inquiry(self.access(), _judged),
            Inquiry(self._request("openapi/quota/get", {"cgi_path": "/cgi-bin/message/custom/send"}), _judged),
            Inquiry(self._request("callback/check", {"action": "dns", "check_operator": "DEFAULT"}), _judged),
        ]


class WeChatChannel(Vended):
    """The channel of a service account, with a token that lives for two hours.

    https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken
    """

    vendor: WeChat

    def __init__(self, vendor: WeChat, sender: Sender, links: Links) -> None:
        """Take what `Vended` takes; the first token is fetched when it is needed."""
        super().__init__(vendor, sender, links)
        self._access, self._renew_at, self._renewing = "", 0.0, asyncio.Lock()
        self._wish: float | None = None
        self._ask_again_at = 0.0

    async def authorised(self, request: Request) -> Request:
        """Fill the place for the token, where a call has one."""
        if _ACCESS not in request.query:
            return request
        async with self._renewing:
            if time.monotonic() >= self._renew_at:
                await self._renew()
        return replace(request, query={**request.query, _ACCESS: self._access})

    async def _renew(self) -> None:
        """Ask for a token; a failure counts for all who wait, instead of each asking WeChat after the other."""
        if time.monotonic() < self._ask_again_at:
            raise SendLater(self._wish)
        try:
            response = await self._sender.ask(self.vendor.access())
        except SendError:
            raise self._not_renewed(None) from None  # the message itself was not tried
        match response.json:
            case {"access_token": str(access), "expires_in": int(seconds)}:
                self._access, self._renew_at = access, time.monotonic() + seconds - _EARLY_SECONDS
            case _:
                raise self._not_renewed(_REFUSED_SECONDS)

    def _not_renewed(self, wish: float | None) -> SendLater:
        self._wish, self._ask_again_at = wish, time.monotonic() + _FAILED_SECONDS
        return SendLater(wish)

    def _notice(self, body: bytes) -> bool:
        """Forget a token that has died before its time, and tell whether it has."""
        if died := errcode(body) in _DEAD:
            self._renew_at = 0.0
        return died

    async def _once(self, request: Request) -> str:
        response = await self._ask(request)
        self._notice(response.body)
        return self.vendor.outcome(response)

    async def fetch(self, attachment: Attachment) -> bytes:
        """See `Channel`: what others say by a status, WeChat says in the body of a 200."""
        content = await super().fetch(attachment)
        if self._notice(content):
            content = await super().fetch(attachment)
        if errcode(content):
            raise AttachmentError("the vendor did not give the file")
        return content

    async def health(self) -> Health:
        """See `Channel`: with the token that is valid now, for another program may have renewed it."""
        self._renew_at = self._ask_again_at = 0.0
        return await super().health()


_ACCESS = "access_token"
_EARLY_SECONDS = 120.0
_REFUSED_SECONDS = 60.0
"""Until an operator has mended the secret or the list of addresses."""
_FAILED_SECONDS = 5.0
"""So long nobody asks for a token again after a try that failed."""
_DEAD = frozenset({40001, 40014, 42001})


def errcode(body: bytes) -> int | None:
    """Give WeChat's code in an answer; 0 is success, and a file has none."""
    match json_object(body):
        case {"errcode": int(code)}:
            return code
        case _:
            return None


_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        -1: Verdict.LATER,  # busy
        **dict.fromkeys(_DEAD, Verdict.LATER),
        45009: Verdict.SLOWER,  # too many a day
        45011: Verdict.SLOWER,  # too many a minute
        40164: Verdict.TROUBLE,  # our address is not in the account's list
        40200: Verdict.TROUBLE,  # not a verified service account
        48001: Verdict.TROUBLE,  # the account may not do this
        48004: Verdict.TROUBLE,  # forbidden to it, for what it did
        50002: Verdict.TROUBLE,  # the account is limited
        40003: Verdict.NEVER,  # nobody of this id follows us
        43004: Verdict.NEVER,  # does not follow us
        43019: Verdict.NEVER,  # in our list of the blocked
        48002: Verdict.NEVER,  # wants no messages
        45015: Verdict.NEVER,  # more than 48 hours, or does not follow us any more
        45047: Verdict.NEVER,  # a sixth message to one of theirs
        40033: Verdict.NEVER,  # letters written as \uxxxx
        44004: Verdict.NEVER,  # empty
        45002: Verdict.NEVER,  # too long
        47001: Verdict.NEVER,  # not in the form
    }
)
"""https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html"""
_FAULTS: Mapping[int, Fault | None] = MappingProxyType(
    {
        0: None,
        45009: None,  # only these questions are too many
        45011: None,
        -1: Fault.UNREACHABLE,
        40013: Fault.NO_SUCH_ACCOUNT,
        41002: Fault.NO_SUCH_ACCOUNT,
        40001: Fault.TOKEN_REVOKED,
        40125: Fault.TOKEN_REVOKED,
        40243: Fault.TOKEN_REVOKED,  # the secret is frozen
        41004: Fault.TOKEN_REVOKED,
        40201: Fault.NOT_SUBSCRIBED,  # no address of a webhook is set
    }
)


def _judged(response: Response) -> Fault | None:
    """Say what an answer about our account means; what is in no table is a right that we lack, as most codes are."""
    if not response.is_success:
        return Fault.UNREACHABLE
    if response.json.get("dns") == []:
        return Fault.VENDOR_ERRORS
    return _FAULTS.get(errcode(response.body) or 0, Fault.NO_PERMISSION)
