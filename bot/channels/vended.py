"""A channel made of a vendor's pure functions and the shared sender."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.channels.health import Fault, Health
from bot.channels.items import pack, read_pin, unpack
from bot.channels.plan import plan
from bot.channels.sending import Sender
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, SendError, SendLater, SendNever, TokenSpent
from bot.model.message import Address, Attachment, Envelope, Update
from bot.model.private import Private
from bot.model.reply import Reply

_TRIES = 4
_PAUSE_SECONDS = 2.0
_LONGEST_SECONDS = 30.0

type Links = Callable[[Address], str]
"""Gives the address of a page on which a reporter sends where their phone is; empty: there is none."""


class Vended:
    """One vendor's channel. See `bot.channels.channel.Channel`."""

    def __init__(self, vendor: Vendor, sender: Sender, links: Links) -> None:
        """Take the vendor's functions, the sender, and what makes links."""
        self.vendor, self._sender, self._links = vendor, sender, links
        self.name, self.capabilities = vendor.channel, vendor.capabilities

    def envelope(self, raw: bytes) -> Envelope:
        """See `Channel`."""
        item = unpack(raw)
        return Envelope(item.dedupe, Private(item.user))

    def parse(self, raw: bytes) -> Update:
        """See `Channel`; a pin from our own page is read the same on every channel."""
        item = unpack(raw)
        if pin := read_pin(item.content):
            return Update(item.dedupe, Address(self.name, Private(item.user)), pin)
        return self.vendor.read(item)

    def synthetic(self, id_: str, words: str) -> bytes:
        """See `Channel`."""
        (item,) = self.vendor.items(self.vendor.synthetic(id_, words))
        return pack(item)

    async def fetch(self, attachment: Attachment) -> bytes:
        """See `Channel`."""
        most = self.capabilities.max_file_bytes
        response = await self._sender.download(await self.authorised(self.vendor.file(attachment)), most)
        if behind := self.vendor.file_behind(response):
            response = await self._sender.download(await self.authorised(behind), most)
        if not response.is_success:
            raise AttachmentError("the vendor did not give the file")
        return response.body

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:
        """See `Channel`: once a part is shown, the rest is tried for a while, and never the whole again."""
        parts = plan(reply, self.capabilities, self._links(address) if reply.place_label else "")
        first, *more = self.vendor.encode(parts, address)
        try:
            sent = [await self._deliver(first)]
        except TokenSpent:
            return await self.send(Address(address.channel, address.user), reply)
        sent += [await insisting(partial(self._deliver, request)) for request in more]
        return tuple(id_ for id_ in sent if id_)

    async def _deliver(self, request: Request) -> str:
        """Make a call; one that may be repeated is, while nobody knows whether it arrived."""
        for _ in range(_TRIES - 1 if request.again else 0):
            try:
                return await self._once(request)
            except SendLater:
                raise
            except SendError as error:
                if type(error) is not SendError:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
        return await self._once(request)

    async def _once(self, request: Request) -> str:
        return self.vendor.outcome(await self._sender.ask(await self.authorised(request)))

    async def authorised(self, request: Request) -> Request:
        """Add what a call needs that only lives for hours; most vendors' tokens are settings."""
        return request

    async def erase(self, address: Address, message_ids: Sequence[str]) -> None:
        """See `Channel`."""
        for request in self.vendor.erasing(address, message_ids):
            try:
                await self._deliver(request)
            except SendNever:
                continue  # gone or too old: nothing more can be done from here
            except SendError as error:
                raise error if isinstance(error, SendLater) else SendLater from None

    async def health(self) -> Health:
        """See `Channel`."""
        for inquiry in self.vendor.inquiries():
            if fault := await self._asked(inquiry):
                return Health(fault)
        return Health()

    async def _asked(self, inquiry: Inquiry) -> Fault | None:
        try:
            return inquiry.judge(await self._sender.ask(await self.authorised(inquiry.request)))
        except SendError:
            return Fault.UNREACHABLE

    async def register(self) -> bool:
        """Tell the vendor where our webhook is; tell whether it has heard."""
        try:
            answers = [await self._ask(request) for request in self.vendor.registration()]
        except SendError:
            return False
        return all(map(self.vendor.is_registered, answers))

    async def _ask(self, request: Request) -> Response:
        return await self._sender.ask(await self.authorised(request))

    async def aclose(self) -> None:
        """See `Channel`: connections are the sender's."""


async def insisting(deliver: Callable[[], Awaitable[str]]) -> str:
    """Send a part that follows a shown one: a reply is not begun again, so its rest is tried for a while.

    Raises:
        SendError: It did not go out.
    """
    for _ in range(_TRIES - 1):
        try:
            return await deliver()
        except SendLater as wish:
            await asyncio.sleep(min(wish.seconds or _PAUSE_SECONDS, _LONGEST_SECONDS))
    try:
        return await deliver()
    except SendLater:
        raise SendError("a part was shown, and the rest cannot be sent now") from None
