"""Private chats, and what stands in them."""

from dataclasses import dataclass, field
from typing import Any

import regex

from tests.fakes.telegram.clock import Clock
from tests.fakes.telegram.errors import ApiError

DELETABLE_SECONDS = 48 * 60 * 60
MAX_TEXT_UNITS = 4096
MAX_DATA_BYTES = 64
MAX_BUTTONS = 100

_SIGNS = regex.compile(r"^(?:(?:\d\ufe0f?\u20e3)+ )?(?:\p{So}[\p{So}\ufe0f]* )?")

type Json = dict[str, Any]


@dataclass
class Shown:
    """One message in a chat, of either side."""

    id: int
    mine: bool
    text: str
    at: float
    keyboard: list[list[Json]] = field(default_factory=list)
    sent_with: Json = field(default_factory=dict)

    @property
    def asks_place(self) -> bool:
        """Whether it is only there for its button, which sends where the phone is."""
        keys = [key for row in (self.sent_with.get("reply_markup") or {}).get("keyboard", []) for key in row]
        return any(key.get("request_location") for key in keys)

    @property
    def buttons(self) -> dict[str, str]:
        """Labels, without the signs before them, with the data a tap sends."""
        buttons = [button for row in self.keyboard for button in row]
        return {_SIGNS.sub("", button["text"]): button.get("callback_data", "") for button in buttons}


@dataclass
class Chat:
    id: int
    blocked: bool = False
    messages: list[Shown] = field(default_factory=list)

    def from_bot(self) -> list[Shown]:
        return [message for message in self.messages if not message.mine and not message.asks_place]


class Chats:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chats: dict[int, Chat] = {}
        self._last_id = 100

    def open(self, chat_id: int) -> Chat:
        return self._chats.setdefault(chat_id, Chat(chat_id))

    def find(self, chat_id: object) -> Chat:
        """Give a chat that the bot may write to."""
        chat = self._chats.get(int(str(chat_id))) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat

    def show(self, chat: Chat, text: str, *, mine: bool, sent_with: Json | None = None) -> Shown:
        self._last_id += 1
        sent = sent_with or {}
        shown = Shown(self._last_id, mine, text, self._clock.now(), _keyboard(sent), sent)
        chat.messages.append(shown)
        return shown

    def delete(self, chat: Chat, message_id: int) -> bool:
        """Delete a message of either side that is not too old; False: it is not there."""
        found = next((message for message in chat.messages if message.id == message_id), None)
        if found is None:
            return False
        if self._clock.now() - found.at > DELETABLE_SECONDS:
            raise ApiError(400, "Bad Request: message can't be deleted for everyone")
        chat.messages.remove(found)
        return True


def checked(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT_UNITS:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def _keyboard(sent: Json) -> list[list[Json]]:
    rows: list[list[Json]] = (sent.get("reply_markup") or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS or any(len(row) > 8 for row in rows):
        raise ApiError(400, "Bad Request: too many buttons")
    for button in buttons:
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= MAX_DATA_BYTES:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        if not str(button.get("text", "")).strip():
            raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    return rows
