"""Facebook Messenger, for one page (https://developers.facebook.com/documentation/business-messaging/messenger-platform)."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.channels import meta
from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import Fault
from bot.channels.items import Item, body_of, objects, words
from bot.channels.messenger.reading import START, items_of, said, sent_at
from bot.channels.meta import MetaAccount, MetaVendor
from bot.channels.plan import Part
from bot.channels.text import code_points
from bot.channels.vendor import Inquiry
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Call, Request, Response
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

NAME = "messenger"
_CANARY = "canary"
"""Meta names people by digits."""
_HEARD = (
    "messages",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "message_reactions",
    "message_edits",
    "standby",
)
"""https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events"""
_NEEDED = _HEARD[:2]


class MessengerAccount(MetaAccount):
    """A Facebook page."""

    page_id: str


class Messenger(MetaVendor[MessengerAccount]):
    """One page."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=2000,  # characters (https://developers.facebook.com/docs/messenger-platform/reference/send-api)
        max_file_bytes=25 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=code_points,
        menus=(Menu("quick_replies", most=13, label=20, body=2000, unit=code_points),),
        place=Place.LINK,
        window=timedelta(hours=24),
    )

    def __init__(self, account: MessengerAccount, webhook_url: str) -> None:
        """Take our page and its credentials, and where Meta calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        self._page = f"{self._api}/{account.page_id}"
        self._bearer = {"authorization": "Bearer " + account.token.get_secret_value()}

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`: what people said to our page."""
        return items_of(body_of(call), self._account.page_id)

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        address, content = Address(NAME, Private(item.user)), item.content
        return Update(item.dedupe, address, said(content), sent_at=sent_at(content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        people = {"sender": {"id": _CANARY}, "recipient": {"id": self._account.page_id}}
        now = int(time.time() * 1000)
        event = {**people, "timestamp": now, "message": {"mid": id_, "text": words}}
        entry = {"id": self._account.page_id, "time": now, "messaging": [event]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        return Call("POST", self._webhook_url, headers=meta.signature(self._account.app_secret, body), body=body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor`: an answer, shown without a sound."""
        content = {
            "recipient": {"id": address.user.reveal()},
            "messaging_type": "RESPONSE",
            "notification_type": "SILENT_PUSH",
            "message": {"text": part.text, **_taps(part)},
        }
        return Request(f"{self._page}/messages", json=content, headers=self._bearer)

    def outcome(self, response: Response) -> str:
        """See `Vendor`."""
        if response.is_success:
            return words(response.json.get("message_id"))
        exact = meta.subcode(response)
        raise refused(response, exact if exact in _ERRORS else meta.code(response), _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: the address holds its own right to be read, and gets no token of ours."""
        return Request(attachment.handle.reveal(), method="GET")

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`: whose token it is, and whether Meta sends us what people write."""
        whose = Request(f"{self._api}/me", query={"fields": "id"}, headers=self._bearer, method="GET")
        heard = Request(f"{self._page}/subscribed_apps", headers=self._bearer, method="GET")
        return [Inquiry(whose, self._is_ours), Inquiry(heard, _is_subscribed)]

    def _is_ours(self, response: Response) -> Fault | None:
        is_ours = words(response.json.get("id")) == self._account.page_id
        return meta.judged(response) or (None if is_ours else Fault.NO_SUCH_ACCOUNT)

    def registration(self) -> Sequence[Request]:
        """See `Vendor`: the address is typed into the console; this lets the page send us events, and people begin."""
        fields = {"subscribed_fields": ",".join(_HEARD)}
        button = {"get_started": {"payload": START}}
        return [
            Request(f"{self._page}/subscribed_apps", query=fields, headers=self._bearer),
            Request(f"{self._api}/me/messenger_profile", json=button, headers=self._bearer),
        ]


def _taps(part: Part) -> dict[str, Any]:
    taps = [{"content_type": "text", "title": tap.label, "payload": tap.payload} for tap in part.buttons]
    return {"quick_replies": taps} if taps else {}


def _is_subscribed(response: Response) -> Fault | None:
    heard = [app.get("subscribed_fields") for app in objects(response.json.get("data"))]
    is_subscribed = any(isinstance(fields, list) and all(one in fields for one in _NEEDED) for fields in heard)
    return meta.judged(response) or (None if is_subscribed else Fault.NOT_SUBSCRIBED)


_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **meta.ERRORS,
        1200: Verdict.LATER,  # temporary failure
        230: Verdict.TROUBLE,  # pages_messaging is missing
        551: Verdict.NEVER,  # not available: blocked us, or is gone
        1545041: Verdict.NEVER,  # the same, as a subcode of 200 and 551
        2018001: Verdict.NEVER,  # no such person on this page
        2018108: Verdict.NEVER,  # takes no messages from us
        2018065: Verdict.NEVER,  # more than 24 hours
        2018278: Verdict.NEVER,  # more than 24 hours
        2018028: Verdict.TROUBLE,  # the app is not reviewed, and this person is no tester
        2018300: Verdict.TROUBLE,  # another program on the page has this chat
    }
)
"""Codes, and from 1545041 on subcodes, which say more: 10 alone is a missing right.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
"""
