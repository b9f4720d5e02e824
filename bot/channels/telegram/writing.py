"""What we send on Telegram, as calls of the Bot API (https://core.telegram.org/bots/api#sendmessage). Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels.items import within, words
from bot.channels.plan import Button, Part
from bot.channels.verdicts import Verdict, refused
from bot.channels.wire import Request, Response
from bot.errors import SendError, SendLater
from bot.model.message import Address

_ROW_CODE_POINTS = 30
"""Two labels with their signs share a row of buttons on a small phone if together they are no longer."""
_VERDICTS = {400: Verdict.NEVER, 403: Verdict.NEVER, 401: Verdict.TROUBLE, 404: Verdict.TROUBLE}
"""A wrong or revoked token is 401 or 404; 403: blocked, or the account is gone."""


def encode(part: Part, address: Address, url: str) -> Request:
    """Write one message: silent, not to be forwarded or saved, without link previews."""
    body: dict[str, Any] = {
        "chat_id": int(address.user.reveal()),
        "text": part.text,
        "disable_notification": True,
        "protect_content": True,
        "link_preview_options": {"is_disabled": True},
    }
    keyboard = _keyboard(part)
    return Request(f"{url}/sendMessage", json=body | ({"reply_markup": keyboard} if keyboard else {}))


def _keyboard(part: Part) -> dict[str, Any]:
    """Give buttons below the message; the one that sends where the phone is exists only as a keyboard."""
    if part.place_label:
        key = {"text": part.text, "request_location": True}
        return {"keyboard": [[key]], "resize_keyboard": True, "one_time_keyboard": True}
    rows = [[{"text": tap.label, "callback_data": tap.payload} for tap in row] for row in _rows(part.buttons)]
    return {"inline_keyboard": rows} if rows else {}


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


def outcome(response: Response) -> str:
    """Read what Telegram answered; gives its id of the message.

    Raises:
        SendLater: Certainly not sent.
        SendNever: Will never go out.
        SendError: Nobody knows.
    """
    if response.is_success and response.json.get("ok") is True:
        return words(within(response.json, "result").get("message_id"))
    if response.is_success:
        raise SendError("an answer in no form of the Bot API")
    seconds = within(response.json, "parameters").get("retry_after")
    if response.status == 429 and isinstance(seconds, int):
        raise SendLater(float(seconds))
    raise refused(response, response.status, _VERDICTS)
