"""A channel made of a vendor's pure functions and the shared sender."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import stamina

from bot.channels.health import Fault, Health
from bot.channels.items import pack, read_pin, unpack
from bot.channels.plan import plan
from bot.channels.sending import Sender
from bot.channels.vendor import Inquiry, Vendor
from bot.channels.wire import Request, Response
from bot.errors import AttachmentError, AttachmentLater, SendError, SendLater, SendNever, TokenSpent
from bot.model.message import Address, Attachment, Envelope, Update
from bot.model.private import Private
from bot.model.reply import Reply

_TRIES = 4
_PAUSE_SECONDS = 2.0
_LONGEST_SECONDS = 10.0
_REST_SECONDS = 20.0
"""For all parts after a shown one: meanwhile this reporter hears nothing else."""
_PASSING = frozenset({401, 408, 425, 429})
"""HTTP statuses, besides 5xx, after which a file may be had in a moment: 401 too, while a token is renewed."""

type Links = Callable[[Address], str]
"""Gives the address of a page on which a reporter sends where their phone is; empty: there is none."""


class Vended:
    """One vendor's channel. See `bot.channels.channel.Channel`."""

    ids_tell = True

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

    @stamina.retry(on=AttachmentLater, attempts=9, timeout=20.0)
    async def fetch(self, attachment: Attachment) -> bytes:
        """See `Channel`; for some twenty seconds, for the vendor may be in trouble, and nobody asks again later."""
        response = await self._download(self.vendor.file(attachment))
        if behind := self.vendor.file_behind(response):
            response = await self._download(behind)
        if not response.is_success:
            raise AttachmentError("the vendor did not give the file")
        return response.body

    async def _download(self, request: Request) -> Response:
        try:
            authorised = await self.authorised(request)
        except SendLater as wish:
            kind = AttachmentLater if wish.seconds is None else AttachmentError
            raise kind("no token to ask for the file with") from None
        response = await self._sender.download(authorised, self.capabilities.max_file_bytes)
        if response.status in _PASSING or response.status >= 500:
            raise AttachmentLater("the vendor cannot give the file now")
        return response

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:
        """See `Channel`: once a part is shown, the rest is tried for a while, and never the whole again."""
        parts = plan(reply, self.capabilities, self._links(address) if reply.place_label else "")
        first, *more = self.vendor.encode(parts, address)
        try:
            first_id = await self._deliver(first)
        except TokenSpent:
            return await self.send(Address(address.channel, address.user), reply)
        return await insisting(first_id, [partial(self._deliver, request) for request in more])

    async def _deliver(self, request: Request) -> str:
        """Make a call; one that may be repeated is, while nobody knows whether it arrived.

        After one such try a refusal for now says nothing of that try: the message is never "certainly not sent" again.
        """
        pause = _PAUSE_SECONDS
        try:
            return await self._once(request)
        except SendError as error:
            if type(error) is not SendError or not request.again:
                raise
        for _ in range(_TRIES - 1):
            await asyncio.sleep(pause)
            try:
                return await self._once(request)
            except SendNever:
                raise
            except SendError as error:
                pause = _pause(error)
        raise SendError("nobody knows whether it was sent")

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


async def insisting(first_id: str, rest: Sequence[Callable[[], Awaitable[str]]]) -> tuple[str, ...]:
    """Send the parts that follow a shown one: a reply is not begun again, so its rest is tried for twenty seconds.

    Args:
        first_id: The channel's id of the part that is shown; empty: it gave none.
        rest: Each sends one part, and gives its id.

    Returns:
        The ids of all parts, as far as the channel gave any.

    Raises:
        SendError: A part did not go out; never `SendLater`. `shown` has the ids of those before it.
    """
    sent = [first_id]
    try:
        async with asyncio.timeout(_REST_SECONDS):
            for deliver in rest:
                sent.append(await _insisting(deliver))  # noqa: PERF401 - what was sent is needed when one fails
    except TimeoutError:
        raise _begun(SendError("a part was shown, and the rest cannot be sent now"), sent) from None
    except SendError as error:
        raise _begun(error, sent) from None
    return _known(sent)


async def _insisting(deliver: Callable[[], Awaitable[str]]) -> str:
    while True:
        try:
            return await deliver()
        except SendLater as wish:
            await asyncio.sleep(_pause(wish))


def _pause(error: SendError) -> float:
    seconds = error.seconds if isinstance(error, SendLater) else None
    return min(seconds or _PAUSE_SECONDS, _LONGEST_SECONDS)


def _begun(error: SendError, sent: Sequence[str]) -> SendError:
    error.shown = _known(sent)
    return error


def _known(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if id_)
