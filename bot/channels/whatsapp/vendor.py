"""WhatsApp, by Meta's Cloud API (https://developers.facebook.com/documentation/business-messaging/whatsapp)."""

import json
import string
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.channels import meta
from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import Fault
from bot.channels.items import Item, body_of, objects, within, words
from bot.channels.meta import MetaAccount, MetaVendor
from bot.channels.plan import Part
from bot.channels.text import code_points
from bot.channels.vendor import Inquiry
from bot.channels.verdicts import Verdict, refused
from bot.channels.whatsapp.reading import items_of, said, sent_at
from bot.channels.wire import Call, Request, Response
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

NAME = "whatsapp"
_CANARY = "canary"
"""Vendors name users by digits, or by a country, a dot and letters."""


class WhatsAppAccount(MetaAccount):
    """A number of a WhatsApp Business account; with the id of that, whether our app hears of it is watched."""

    phone_number_id: str
    business_account_id: str = ""


class WhatsApp(MetaVendor[WhatsAppAccount]):
    """One number."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=4096,
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=code_points,
        menus=(
            Menu("button", most=3, label=20, body=1024, unit=code_points),
            Menu("list", most=10, label=24, body=1024, unit=code_points),
        ),
        place=Place.OWN,
        window=timedelta(hours=24),
    )

    def __init__(self, account: WhatsAppAccount, webhook_url: str) -> None:
        """Take our number and its credentials, and where Meta calls us; empty: it cannot."""
        self._account, self._webhook_url = account, webhook_url
        self._api = account.api_url.rstrip("/")
        self._origin = "/".join(self._api.split("/", 3)[:3])
        self._bearer = {"authorization": "Bearer " + account.token.get_secret_value()}

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`."""
        return items_of(body_of(call), self._account.phone_number_id)

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        address = Address(NAME, Private(item.user))
        return Update(item.dedupe, address, said(item.content), sent_at=sent_at(item.content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        message = {
            "from": _CANARY,
            "id": id_,
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": words},
        }
        metadata = {"phone_number_id": self._account.phone_number_id}
        change = {
            "field": "messages",
            "value": {"messaging_product": NAME, "metadata": metadata, "messages": [message]},
        }
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}).encode()
        return Call("POST", self._webhook_url, headers=meta.signature(self._account.app_secret, body), body=body)

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor`."""
        head = {"messaging_product": NAME, "recipient_type": "individual", **_to(address)}
        return self._call("POST", f"{self._account.phone_number_id}/messages", json={**head, **_content(part)})

    def outcome(self, response: Response) -> str:
        """See `Vendor`: taken is not delivered, and what is not is told later, where nothing can be done about it."""
        if response.is_success:
            sent = objects(response.json.get("messages"))
            return words(sent[0].get("id")) if sent else ""
        raise refused(response, meta.code(response), _ERRORS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: the id, for seven days, of which the answer says where the file is, for five minutes."""
        return self._call("GET", attachment.handle.reveal())

    def file_behind(self, response: Response) -> Request | None:
        """See `Vendor`; only Meta gets our token, wherever the file is said to be."""
        url = words(response.json.get("url")) if response.is_success else ""
        bearer = self._bearer if url.startswith(f"{self._origin}/") or _is_metas(url) else {}
        return Request(url, headers=bearer, method="GET") if url else None

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`: where the number's webhook goes, and whether any app hears of the business account."""
        number = self._call("GET", self._account.phone_number_id, query={"fields": "id,webhook_configuration"})
        business = self._account.business_account_id
        apps = [Inquiry(self._call("GET", f"{business}/subscribed_apps"), _heard)] if business else []
        return [Inquiry(number, self._goes_to_us), *apps]

    def registration(self) -> Sequence[Request]:
        """See `Vendor`: of our number alone, wherever those of others go.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override
        """
        if not self._webhook_url:
            return ()
        token = self._account.verify_token.get_secret_value()
        ours = {"override_callback_uri": self._webhook_url, "verify_token": token}
        return (self._call("POST", self._account.phone_number_id, json={"webhook_configuration": ours}),)

    def _call(
        self, method: str, path: str, *, json: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Request:
        return Request(f"{self._api}/{path}", json=json, query=query or {}, headers=self._bearer, method=method)

    def _goes_to_us(self, response: Response) -> Fault | None:
        """Judge what the number says of itself: of three addresses the narrowest counts."""
        if fault := meta.judged(response):
            return fault
        levels = within(response.json, "webhook_configuration")
        url = next((url for level in _LEVELS if (url := words(levels.get(level)))), "")
        is_ours = not (url and self._webhook_url) or url.rstrip("/") == self._webhook_url.rstrip("/")
        return None if is_ours else Fault.WEBHOOK_ELSEWHERE


_HOSTS = (".fbsbx.com", ".facebook.com", ".whatsapp.net")
_HOST_CHARS = frozenset(string.ascii_letters + string.digits + ".-")


def _is_metas(url: str) -> bool:
    host, _, _ = url.removeprefix("https://").partition("/")
    return url.startswith("https://") and host.endswith(_HOSTS) and _HOST_CHARS.issuperset(host)


_LEVELS = ("phone_number", "whatsapp_business_account", "application")


def _heard(response: Response) -> Fault | None:
    """Judge whether any app hears of a business account; which of several is ours is not said.

    https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/subscribed_apps
    """
    return meta.judged(response) or (None if objects(response.json.get("data")) else Fault.NOT_SUBSCRIBED)


def _to(address: Address) -> dict[str, str]:
    """Address somebody: an id within our business goes in `recipient`; in `to` it would be dropped without a word.

    Without its plus, a number may be taken for one of our own country, and a stranger gets our answer:
    https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
    """
    user = address.user.reveal()
    return {"recipient": user} if "." in user else {"to": f"+{user}"}


def _content(part: Part) -> dict[str, Any]:
    if part.place_label:
        return _interactive("location_request_message", part, {"name": "send_location"})
    if part.menu is None:
        return {"type": "text", "text": {"body": part.text, "preview_url": False}}
    action = _list if part.menu.style == "list" else _buttons
    return _interactive(part.menu.style, part, action(part))


def _interactive(type_: str, part: Part, action: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": type_, "body": {"text": part.text}, "action": action}}


def _buttons(part: Part) -> dict[str, Any]:
    return {"buttons": [{"type": "reply", "reply": {"id": tap.payload, "title": tap.label}} for tap in part.buttons]}


def _list(part: Part) -> dict[str, Any]:
    rows = [{"id": tap.payload, "title": tap.label} for tap in part.buttons]
    return {"button": _OPEN, "sections": [{"rows": rows}]}


_OPEN = "☰"
"""The words on the button that opens a list: a sign that needs no language."""
_ERRORS: Mapping[int, Verdict] = MappingProxyType(
    {
        **meta.ERRORS,
        3: Verdict.TROUBLE,  # a capability is missing; comes with HTTP 500
        33: Verdict.TROUBLE,  # our number was deleted
        130429: Verdict.SLOWER,  # throughput
        130497: Verdict.NEVER,  # our account may not write to this country
        131016: Verdict.LATER,  # a service is away
        131026: Verdict.NEVER,  # not reachable
        131030: Verdict.TROUBLE,  # not in the list of a test number
        131031: Verdict.TROUBLE,  # account locked
        131037: Verdict.TROUBLE,  # our display name is not approved yet
        131042: Verdict.TROUBLE,  # payment: the month's free messages are spent
        131045: Verdict.TROUBLE,  # our number is not registered rightly
        131047: Verdict.NEVER,  # more than 24 hours
        131048: Verdict.SLOWER,  # too many took us for spam
        131056: Verdict.SLOWER,  # too many to this reporter
        131057: Verdict.LATER,  # our account is being moved, for minutes
        131062: Verdict.NEVER,  # not for an id within our business
        133004: Verdict.LATER,  # the server is away
        133010: Verdict.TROUBLE,  # number not registered
    }
)
"""https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"""
