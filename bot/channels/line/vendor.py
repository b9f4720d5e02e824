"""LINE, by the Messaging API (https://developers.line.biz/en/reference/messaging-api/).

An event brings a token that answers it once, within about a minute, for nothing; a push costs of a monthly quota.
"""

import base64
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import batched
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import Fault
from bot.channels.items import Fields, Item, body_of, objects, words
from bot.channels.line.reading import items_of, said, sent_at
from bot.channels.plan import Button, Part
from bot.channels.proof import is_same
from bot.channels.text import graphemes
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Call, Request, Response
from bot.errors import AttachmentLater
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

NAME = "line"
_CANARY = "canary"
"""LINE names users by a U and 32 hex digits."""
_SIGNATURE = "x-line-signature"
_ACCEPTED = "x-line-accepted-request-id"
_MOST_MESSAGES = 5
"""In one call; they count once."""


class LineAccount(Account):
    """A Messaging API channel of a LINE Official Account."""

    channel_access_token: SecretStr
    channel_secret: SecretStr
    api_url: str = "https://api.line.me"
    data_api_url: str = "https://api-data.line.me"


class Line(Vendor):
    """One Messaging API channel."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=5000,
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        menus=(Menu("quick reply", most=13, label=20, body=5000, unit=graphemes),),
        place=Place.BESIDE,
        window=timedelta(days=7),  # for who did not add us as a friend; a push to them is later dropped with a 200
    )

    def __init__(self, account: LineAccount, webhook_url: str) -> None:
        """Take our channel's credentials, and where LINE calls us; empty: it cannot."""
        self._secret, self._webhook_url = account.channel_secret, webhook_url
        self._bot, self._data = (f"{url.rstrip('/')}/v2/bot" for url in (account.api_url, account.data_api_url))
        self._bearer = {"authorization": "Bearer " + account.channel_access_token.get_secret_value()}

    def proves(self, call: Call) -> bool:
        """See `Vendor`."""
        return is_same(call.headers.get(_SIGNATURE, ""), self._signature(call.body))

    def _signature(self, body: bytes) -> str:
        """Sign a body as LINE does (https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/)."""
        return base64.b64encode(hmac.digest(self._secret.get_secret_value().encode(), body, sha256)).decode()

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: there are no events where LINE only asks whether we are here."""
        return items_of(body_of(call))

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        token = words(item.content.get("replyToken"))
        address = Address(NAME, Private(item.user), Private(token) if token else None)
        return Update(item.dedupe, address, said(item.content), sent_at=sent_at(item.content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        event = {
            "type": "message",
            "message": {"type": "text", "id": id_, "quoteToken": id_, "text": words},
            "timestamp": int(time.time() * 1000),
            "source": {"type": "user", "userId": _CANARY},
            "mode": "active",
            "webhookEventId": id_,
            "deliveryContext": {"isRedelivery": False},
        }
        body = json.dumps({"destination": _CANARY, "events": [event]}).encode()
        return Call("POST", self._webhook_url, headers={_SIGNATURE: self._signature(body)}, body=body)

    def encode(self, parts: Sequence[Part], address: Address) -> Sequence[Request]:
        """See `Vendor`: one call answers the reporter's message while its token lives; the rest is pushed."""
        messages = [_content(part) for part in parts]
        if address.answers is None:
            return self._pushes(messages, address)
        answer = self._sending("reply", {"replyToken": address.answers.reveal()}, messages[:_MOST_MESSAGES])
        return [answer, *self._pushes(messages[_MOST_MESSAGES:], address)]

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor`."""
        (request,) = self.encode((part,), address)
        return request

    def _pushes(self, messages: Sequence[Fields], address: Address) -> list[Request]:
        """Push, each call under a key by which LINE knows it again for 24 hours; a reply takes no such key.

        https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
        """
        to = {"to": address.user.reveal()}
        batches = batched(messages, _MOST_MESSAGES)
        return [self._sending("push", to, batch, {"x-line-retry-key": str(uuid4())}) for batch in batches]

    def _sending(
        self, way: str, to: Mapping[str, str], messages: Sequence[Fields], key: Mapping[str, str] = MappingProxyType({})
    ) -> Request:
        """Write a call that shows messages without a sound: somebody else may look at the screen."""
        body = {**to, "messages": list(messages), "notificationDisabled": True}
        return Request(f"{self._bot}/message/{way}", json=body, headers={**self._bearer, **key}, again=bool(key))

    def outcome(self, response: Response) -> str:
        """See `Vendor`: of several messages in one call, the id of the first."""
        if response.is_success or (response.status == 409 and _ACCEPTED in response.headers):
            sent = objects(response.json.get("sentMessages"))
            return words(sent[0].get("id")) if sent else ""
        raise refused(response, response.status, _ERRORS.get(words(response.json.get("message")).rstrip(".")))

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor` (https://developers.line.biz/en/reference/messaging-api/#get-content)."""
        url = f"{self._data}/message/{attachment.handle.reveal()}/content"
        return Request(url, headers=self._bearer, method="GET")

    def file_behind(self, response: Response) -> Request | None:
        """See `Vendor`: there is none.

        Raises:
            AttachmentLater: LINE still prepares the file, as it does a long voice message or video.
        """
        if response.status == 202:
            raise AttachmentLater("LINE still prepares the file")
        return None

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`."""
        info = Request(f"{self._bot}/info", headers=self._bearer, method="GET")
        webhook = Request(self._endpoint, headers=self._bearer, method="GET")
        return [Inquiry(info, _judged), Inquiry(webhook, self._judged_webhook)]

    @property
    def _endpoint(self) -> str:
        """Where LINE is asked and told of the webhook (https://developers.line.biz/en/reference/messaging-api/#webhook-settings)."""
        return f"{self._bot}/channel/webhook/endpoint"

    def _judged_webhook(self, response: Response) -> Fault | None:
        """Say what is wrong with the webhook; that it is used can only be switched on in LINE's console."""
        if response.status == 404:
            return Fault.NOT_SUBSCRIBED
        if fault := _judged(response):
            return fault
        if response.json.get("endpoint") != self._webhook_url:
            return Fault.WEBHOOK_ELSEWHERE
        return None if response.json.get("active") is True else Fault.NOT_SUBSCRIBED

    def registration(self) -> Sequence[Request]:
        """See `Vendor`."""
        return [Request(self._endpoint, json={"endpoint": self._webhook_url}, headers=self._bearer, method="PUT")]


def _content(part: Part) -> dict[str, Any]:
    """Write one message (https://developers.line.biz/en/reference/messaging-api/#text-message)."""
    actions = [*_place(part), *map(_tap_action, part.buttons)]
    items = [{"type": "action", "action": action} for action in actions]
    return {"type": "text", "text": part.text, **({"quickReply": {"items": items}} if items else {})}


def _place(part: Part) -> list[dict[str, str]]:
    return [{"type": "location", "label": part.place_label}] if part.place_label else []


def _tap_action(tap: Button) -> dict[str, str]:
    """Write a choice; without `displayText`, so that a tap leaves no line in the chat."""
    return {"type": "postback", "label": tap.label, "data": tap.payload}


def _judged(response: Response) -> Fault | None:
    """Say what an answer about our own account means."""
    if response.is_success:
        return None
    return {401: Fault.TOKEN_REVOKED, 403: Fault.NO_PERMISSION}.get(response.status, Fault.UNREACHABLE)


_ERRORS: Mapping[str, Mapping[int, Verdict]] = MappingProxyType(
    {
        "Invalid reply token": {400: Verdict.SPENT},
        "You have reached your monthly limit": {429: Verdict.TROUBLE},
    }
)
"""By LINE's words, for it has no codes (https://developers.line.biz/en/reference/messaging-api/#error-messages)."""
