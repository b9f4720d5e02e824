"""One bot: what it says goes by the shared sender, everything else by python-telegram-bot's Bot."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import stamina
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import MANY, Fault, Health
from bot.channels.plan import Part, plan
from bot.channels.sending import Sender
from bot.channels.telegram import reading
from bot.channels.telegram.writing import encode, outcome
from bot.channels.vended import insisting
from bot.errors import AttachmentError, AttachmentTooBig, SendLater
from bot.model.message import Address, Attachment, Envelope, Update
from bot.model.reply import Reply

MAX_FILE_BYTES = 20 * 1024 * 1024
"""getFile's limit (https://core.telegram.org/bots/api#getfile)."""
_DELETED_AT_ONCE = 100
_RECENT = timedelta(minutes=5)
_TROUBLE_SECONDS = 60.0
"""Until an operator has mended the token."""


def _is_passing(error: Exception) -> bool:
    """Tell whether a call may go well in a moment."""
    return isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)


def _seconds(error: RetryAfter) -> float:
    return float(error._retry_after.total_seconds())  # noqa: SLF001 - the public one warns


class Telegram:
    """One bot."""

    name, ids_tell = reading.NAME, False
    capabilities = Capabilities(
        max_text=4096,
        max_file_bytes=MAX_FILE_BYTES,
        pushes=True,
        erases=True,
        menus=(Menu("inline", most=100, label=64, body=4096),),
        place=Place.OWN,
    )

    def __init__(self, token: str, api_url: str, webhook_url: str, sender: Sender) -> None:
        """Take the bot's token, the Bot API server, where Telegram is to call us (empty: we ask it), and the sender.

        Nothing is asked of Telegram yet: it may be away.
        """
        self.webhook_url, self._sender = webhook_url, sender
        self.bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=HTTPXRequest(connection_pool_size=32, pool_timeout=20.0),
        )

    def envelope(self, raw: bytes) -> Envelope:
        """See `Channel`."""
        return reading.envelope(raw)

    def parse(self, raw: bytes) -> Update:
        """See `Channel`."""
        return reading.parse(raw)

    def synthetic(self, id_: str, words: str) -> bytes:
        """See `Channel`: chat 0 is nobody's."""
        return reading.synthetic(id_, words)

    async def fetch(self, attachment: Attachment) -> bytes:
        """See `Channel`; for some twenty seconds, for Telegram may be in trouble and the file is asked for only now."""
        try:
            return await self._download(attachment.handle.reveal())
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise AttachmentTooBig("over Telegram's limit") from None
            raise AttachmentError("Telegram has no such file") from None
        except TelegramError:
            raise AttachmentError("Telegram did not give the file") from None

    @stamina.retry(on=_is_passing, attempts=9, timeout=20.0)
    async def _download(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:
        """See `Channel`: silently, not to be forwarded or saved, without link previews."""
        first, *more = plan(reply, self.capabilities)
        first_id = await self._send_one(address, first)
        return await insisting(first_id, [partial(self._send_one, address, part) for part in more])

    async def _send_one(self, address: Address, part: Part) -> str:
        return outcome(await self._sender.ask(encode(part, address, self.bot.base_url)))

    async def erase(self, address: Address, message_ids: Sequence[str]) -> None:
        """See `Channel`: deleteMessages passes over what is gone; again and again until it was heard."""
        for start in range(0, len(message_ids), _DELETED_AT_ONCE):
            chunk = [int(id_) for id_ in message_ids[start : start + _DELETED_AT_ONCE]]
            await self._delete(address, chunk)

    async def _delete(self, address: Address, message_ids: Sequence[int]) -> None:
        """Delete some; where Telegram will not have all of them, one by one, so that one too old saves no other."""
        try:
            await self.bot.delete_messages(int(address.user.reveal()), message_ids)
        except BadRequest:
            for id_ in message_ids if len(message_ids) > 1 else ():  # one alone is gone or too old
                await self._delete(address, [id_])
        except Forbidden:
            return  # blocked: nothing more can be done from here
        except InvalidToken:
            raise SendLater(_TROUBLE_SECONDS) from None
        except RetryAfter as error:
            raise SendLater(_seconds(error)) from None
        except TelegramError:
            raise SendLater from None

    async def health(self) -> Health:
        """See `Channel`: asked of getWebhookInfo (https://core.telegram.org/bots/api#webhookinfo)."""
        try:
            info = await self.bot.get_webhook_info()
        except (InvalidToken, Forbidden):
            return Health(Fault.TOKEN_REVOKED)
        except TelegramError:
            return Health(Fault.UNREACHABLE)
        return Health(self._fault(info, datetime.now(UTC)), info.pending_update_count)

    def _fault(self, info: WebhookInfo, now: datetime) -> Fault | None:
        if info.url != self.webhook_url:
            return Fault.WEBHOOK_ELSEWHERE
        if info.last_error_date and now - info.last_error_date < _RECENT and info.pending_update_count:
            return Fault.VENDOR_ERRORS
        return Fault.PILING_UP if info.pending_update_count > MANY else None

    async def aclose(self) -> None:
        """See `Channel`."""
        await self.bot.shutdown()
