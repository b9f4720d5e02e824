"""Signal's pure half: what goes in and out, as values."""

import json
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from bot.channels.accounts import Account
from bot.channels.capabilities import Capabilities
from bot.channels.health import Fault
from bot.channels.items import Item, within, words
from bot.channels.plan import Part
from bot.channels.signal import reading
from bot.channels.text import utf8
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Call, Request, Response, json_object
from bot.model.message import Address, Attachment, Update
from bot.model.private import Private

NAME = "signal"
_SOCKET = "SOCKET"
"""No HTTP call has this method."""
_CANARY = "canary"
"""Signal names people by UUIDs and numbers."""


class SignalAccount(Account):
    """A number that signal-cli holds."""

    number: str
    api_url: str = "http://127.0.0.1:8080"


def frame(raw: bytes) -> Call:
    """Make the call of what was read from the socket."""
    return Call(_SOCKET, "", body=raw)


class Signal(Vendor):
    """One number."""

    name = channel = NAME
    capabilities = Capabilities(
        max_text=2000,  # apps drop a text of more than 2,048 bytes; of more than 2,000, signal-cli makes a file
        max_file_bytes=20 * 1024 * 1024,
        pushes=True,
        erases=False,
        unit=utf8,
    )

    def __init__(self, account: SignalAccount, webhook_url: str) -> None:  # noqa: ARG002 - nobody calls us
        """Take our number, and where its API is."""
        self._number, self._api = account.number, account.api_url.rstrip("/")

    @property
    def socket_url(self) -> str:
        """Where what is sent to us is read."""
        return f"ws{self._api.removeprefix('http')}/v1/receive/{quote(self._number)}"

    def proves(self, call: Call) -> bool:
        """See `Vendor`: only what we read from our own socket, which is on a private network."""
        return call.method == _SOCKET

    def items(self, call: Call) -> Sequence[Item]:
        """See `Vendor`."""
        return list(reading.items(within(reading.outer(call.body), "envelope")))

    def read(self, item: Item) -> Update:
        """See `Vendor`."""
        content = item.content
        address = Address(NAME, Private(item.user))
        return Update(item.dedupe, address, reading.said(content), sent_at=reading.sent_at(content))

    def synthetic(self, id_: str, words: str) -> Call:
        """See `Vendor`."""
        now = time.time_ns() // 1_000_000
        envelope = {
            "sourceUuid": _CANARY,
            "timestamp": int(id_, 16),
            "serverReceivedTimestamp": now,
            "dataMessage": {"timestamp": now, "message": words or " "},  # of an empty one nothing would come
        }
        return frame(json.dumps({"envelope": envelope, "account": self._number}).encode())

    def message(self, part: Part, address: Address) -> Request:
        """See `Vendor` (https://bbernhard.github.io/signal-cli-rest-api)."""
        whom = [address.user.reveal()]
        body = {"message": part.text, "number": self._number, "recipients": whom, "text_mode": "normal"}
        return Request(f"{self._api}/v2/send", json=body)

    def outcome(self, response: Response) -> str:
        """See `Vendor`."""
        if response.is_success:
            return words(response.json.get("timestamp"))
        raise refused(response, _code(response), _VERDICTS)

    def file(self, attachment: Attachment) -> Request:
        """See `Vendor`: signal-cli has fetched and opened it already."""
        return Request(f"{self._api}/v1/attachments/{quote(attachment.handle.reveal(), safe='')}", method="GET")

    def inquiries(self) -> Sequence[Inquiry]:
        """See `Vendor`."""
        about = Request(f"{self._api}/v1/about", method="GET")
        accounts = Request(f"{self._api}/v1/accounts", method="GET")
        return [Inquiry(about, _judged_mode), Inquiry(accounts, self._judged_accounts)]

    def _judged_accounts(self, response: Response) -> Fault | None:
        """Say whether our number is in the list that the API gives bare."""
        if not response.is_success:
            return Fault.UNREACHABLE
        accounts = (json_object(b'{"held":%b}' % response.body) or {}).get("held")
        is_known = isinstance(accounts, list) and self._number in accounts
        return None if is_known else Fault.NO_SUCH_ACCOUNT


def _judged_mode(response: Response) -> Fault | None:
    if not response.is_success:
        return Fault.UNREACHABLE
    return None if words(response.json.get("mode")).startswith("json-rpc") else Fault.NOT_LISTENING


_ERRORS: tuple[tuple[str, Verdict], ...] = (
    ("captcha proof required", Verdict.TROUBLE),
    ("untrusted identit", Verdict.TROUBLE),  # a new key, of a new phone or of somebody else: a person must look
    ("authorization failed", Verdict.TROUBLE),  # unlinked, or registered elsewhere
    ("account does not exist", Verdict.TROUBLE),  # ours
    ("not registered with json-rpc", Verdict.TROUBLE),  # ours
    ("unregistered user", Verdict.NEVER),
    ("is not registered", Verdict.NEVER),
    ("broken pipe", Verdict.LATER),  # the API did not reach signal-cli
    ("connection refused", Verdict.LATER),
    ("", Verdict.UNSURE),
)
"""What the API says, in lower case; the first that fits. All else says too little to send again: "Failed to send
message" may be a lost line, and "rate limiting" without a challenge was said of messages that had arrived
(https://github.com/bbernhard/signal-cli-rest-api/issues/881, https://github.com/AsamK/signal-cli/issues/2071).
"""
_CHALLENGED = -1
_VERDICTS: Mapping[int, Verdict] = MappingProxyType(
    {_CHALLENGED: Verdict.TROUBLE, **{number: verdict for number, (_, verdict) in enumerate(_ERRORS)}}
)


def _code(response: Response) -> int | None:
    """Give the number of what the API says; None where the status is not one of its own, and HTTP's meaning counts."""
    if response.status not in (400, 429):
        return None
    tokens = response.json.get("challenge_tokens")
    if isinstance(tokens, list) and any(tokens):
        return _CHALLENGED
    prose = words(response.json.get("error")).lower()
    return next(number for number, (fragment, _) in enumerate(_ERRORS) if fragment in prose)
