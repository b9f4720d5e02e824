"""Sending, fetching and deleting through python-telegram-bot's Bot."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import stamina
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    WebhookInfo,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import MANY, Fault, Health
from bot.channels.plan import Button, Part, plan
from bot.channels.telegram import reading
from bot.channels.vended import insisting
from bot.errors import AttachmentError, AttachmentTooBig, SendError, SendLater, SendNever
from bot.model.message import Address, Attachment, Envelope, Update
from bot.model.reply import Reply

MAX_FILE_BYTES = 20 * 1024 * 1024
"""getFile's limit (https://core.telegram.org/bots/api#getfile)."""
_DELETED_AT_ONCE = 100
_RECENT = timedelta(minutes=5)
_ROW_CODE_POINTS = 30
"""Two labels with their signs share a row of buttons on a small phone if together they are no longer."""
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def _is_passing(error: Exception) -> bool:
    """Tell whether a call may go well in a moment."""
    return isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)


class Telegram:
    """One bot."""

    name = reading.NAME
    capabilities = Capabilities(
        max_text=4096,
        max_file_bytes=MAX_FILE_BYTES,
        pushes=True,
        erases=True,
        menus=(Menu("inline", most=100, label=64, body=4096),),
        place=Place.OWN,
    )

    def __init__(self, token: str, api_url: str, webhook_url: str = "") -> None:
        """Take the bot's token, the Bot API server, and where Telegram is to call us; empty: we ask it.

        Nothing is asked of Telegram yet: it may be away.
        """
        self.webhook_url = webhook_url
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
        sent = [await self._send_one(address, first)]
        sent += [await insisting(partial(self._send_one, address, part)) for part in more]
        return tuple(sent)

    async def _send_one(self, address: Address, part: Part) -> str:
        try:
            message = await self.bot.send_message(
                chat_id=int(address.user.reveal()),
                text=part.text,
                reply_markup=_keyboard(part),
                disable_notification=True,
                protect_content=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as error:
            raise _translated(error) from None
        return str(message.message_id)

    async def erase(self, address: Address, message_ids: Sequence[str]) -> None:
        """See `Channel`: deleteMessages passes over what is gone or too old; again and again until it was heard."""
        for start in range(0, len(message_ids), _DELETED_AT_ONCE):
            chunk = [int(id_) for id_ in message_ids[start : start + _DELETED_AT_ONCE]]
            await self._delete(address, chunk)

    async def _delete(self, address: Address, message_ids: Sequence[int]) -> None:
        try:
            await self.bot.delete_messages(int(address.user.reveal()), message_ids)
        except (BadRequest, Forbidden, InvalidToken):
            return  # gone, too old or blocked: nothing more can be done from here
        except RetryAfter as error:
            raise _translated(error) from None
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


def _keyboard(part: Part) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """Give buttons below the message; the one that sends where the phone is exists only as a keyboard."""
    if part.place_label:
        key = KeyboardButton(part.text, request_location=True)
        return ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)
    rows = [[InlineKeyboardButton(tap.label, callback_data=tap.payload) for tap in row] for row in _rows(part.buttons)]
    return InlineKeyboardMarkup(rows) if rows else None


def _rows(buttons: Sequence[Button]) -> Iterator[Sequence[Button]]:
    """Two short labels a row, a long one alone."""
    row: list[Button] = []
    for button in buttons:
        if row and (len(row) == 2 or len(row[0].label) + len(button.label) > _ROW_CODE_POINTS):
            yield row
            row = []
        row.append(button)
    if row:
        yield row


def _translated(error: TelegramError) -> SendError:
    """Say what a failure means for the reply; a time-out does not mean that it was not sent."""
    match error:
        case RetryAfter():
            return SendLater(float(error._retry_after.total_seconds()))  # noqa: SLF001 - the public one warns
        case Forbidden() | BadRequest():
            return SendNever("Telegram will not deliver it")
        case InvalidToken():
            return SendLater(60.0)
        case NetworkError() if isinstance(error.__cause__, _NEVER_SENT) or "*not* sent" in error.message:
            return SendLater()
        case _:
            return SendError("nobody knows whether it was sent")
