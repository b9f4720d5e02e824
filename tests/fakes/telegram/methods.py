"""The Bot API's methods that a bot of ours may call, one function each."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.chats import checked
from tests.fakes.telegram.errors import ApiError

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

TAP_SECONDS = 150
MAX_FILE_BYTES = 20 * 1024 * 1024

type Json = dict[str, Any]


async def get_me(server: "FakeTelegram", _: Json) -> Json:
    return {
        **server.bot,
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(server: "FakeTelegram", asked: Json) -> list[Json]:
    """Wait for updates; a newer asker ends an older one, and nobody asks where a webhook is set."""
    if server.webhook:
        raise ApiError(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it"
        )
    if "allowed_updates" in asked:
        server.updates.allowed = asked["allowed_updates"]
    mine = server.asker = object()
    server.updates.confirm(int(asked.get("offset", 0)))
    deadline = asyncio.get_running_loop().time() + float(asked.get("timeout", 0))
    while not (batch := server.updates.batch(int(asked.get("limit", 100)))):
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return []
        server.updates.changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.updates.changed.wait(), min(left, 0.2))
        if server.asker is not mine:
            raise ApiError(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
    return batch


async def set_webhook(server: "FakeTelegram", asked: Json) -> bool:
    server.webhook, server.secret = asked.get("url", ""), asked.get("secret_token", "")
    server.updates.allowed = asked.get("allowed_updates") or server.updates.allowed
    server.updates.changed.set()
    return True


async def delete_webhook(server: "FakeTelegram", _: Json) -> bool:
    server.webhook = ""
    return True


async def get_webhook_info(server: "FakeTelegram", _: Json) -> Json:
    waiting = len(server.updates.waiting) + server.waiting_at_vendor
    return {
        "url": server.webhook_of_others or server.webhook,
        "has_custom_certificate": False,
        "pending_update_count": waiting,
    }


async def send_message(server: "FakeTelegram", asked: Json) -> Json:
    chat = server.chats.find(asked.get("chat_id"))
    shown = server.chats.show(chat, checked(asked.get("text")), mine=False, sent_with=asked)
    return {
        "message_id": shown.id,
        "date": int(shown.at),
        "chat": {"id": chat.id, "type": "private", "first_name": "x"},
        "from": server.bot,
        "text": shown.text,
    }


async def delete_message(server: "FakeTelegram", asked: Json) -> bool:
    chat = server.chats.find(asked.get("chat_id"))
    if not server.chats.delete(chat, int(asked["message_id"])):
        raise ApiError(400, "Bad Request: message to delete not found")
    return True


async def delete_messages(server: "FakeTelegram", asked: Json) -> bool:
    """Delete what can be deleted; what is gone or too old is passed over."""
    chat = server.chats.find(asked.get("chat_id"))
    ids = asked.get("message_ids") or []
    if not 1 <= len(ids) <= 100:
        raise ApiError(400, "Bad Request: wrong number of message identifiers")
    for id_ in ids:
        try:
            server.chats.delete(chat, int(id_))
        except ApiError:
            continue
    return True


async def answer_callback_query(server: "FakeTelegram", asked: Json) -> bool:
    tapped_at = server.taps.get(str(asked.get("callback_query_id")))
    if tapped_at is None or server.clock.now() - tapped_at > TAP_SECONDS:
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    server.answered_taps.append(str(asked["callback_query_id"]))
    return True


async def set_my_commands(server: "FakeTelegram", asked: Json) -> bool:
    language = asked.get("language_code", "")
    if language and (len(language) != 2 or not language.isascii()):
        raise ApiError(400, "Bad Request: invalid language code specified")
    server.commands[language] = asked["commands"]
    return True


async def get_file(server: "FakeTelegram", asked: Json) -> Json:
    file_id = str(asked.get("file_id"))
    if file_id not in server.files:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    size = len(server.files[file_id])
    if size > MAX_FILE_BYTES:
        raise ApiError(400, "Bad Request: file is too big")
    return {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": size, "file_path": f"files/{file_id}"}


METHODS: Mapping[str, Callable[["FakeTelegram", Json], Awaitable[Any]]] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "sendMessage": send_message,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "setMyCommands": set_my_commands,
    "getFile": get_file,
}
