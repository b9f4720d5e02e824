"""Receiving by long polling or webhook; both confirm only what is durably stored."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
import structlog
from telegram import BotCommand
from telegram.error import TelegramError

from bot.channels.channel import Accept
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.reading import UPDATE_TYPES, is_for_us, kept
from bot.errors import UpdateError

POLL_SECONDS = 30
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0

log = structlog.get_logger()


class Receiver:
    """One bot's updates on their way to the inbox."""

    def __init__(self, telegram: Telegram, accept: Accept) -> None:
        """Take the bot, and what stores its updates."""
        self._telegram, self._accept = telegram, accept
        self._http = httpx.AsyncClient(timeout=POLL_SECONDS + 10.0, trust_env=False)
        self._taps: set[asyncio.Task[None]] = set()

    async def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Store updates, each by itself; then answer taps, which Telegram waits for 150 seconds at most."""
        wanted = [update for update in updates if is_for_us(update)]
        raws = [json.dumps(kept(update)).encode() for update in wanted if isinstance(update.get("update_id"), int)]
        await self._accept(self._telegram, raws)
        for update in wanted:
            self._answer_tap(update.get("callback_query"))

    def _answer_tap(self, tap: object) -> None:
        if isinstance(tap, dict) and isinstance(tap.get("id"), str):
            task = asyncio.create_task(self._answer(tap["id"]))
            self._taps.add(task)
            task.add_done_callback(self._taps.discard)

    async def _answer(self, tap_id: str) -> None:
        try:
            await self._telegram.bot.answer_callback_query(tap_id)
        except TelegramError:
            return  # too old, or Telegram is away: the tap itself is stored

    async def poll(self, may_go_on: Callable[[], Awaitable[bool]]) -> None:
        """Ask for updates while we may; the next question confirms what the last one brought."""
        offset, pause = 0, _PAUSE_SECONDS
        await self._until_done("webhook removal", self._telegram.bot.delete_webhook)
        while await may_go_on():
            try:
                updates = await self._ask(offset)
                await self.take(updates)
            except Exception as error:  # noqa: BLE001 - the webhook loop's twin: it outlives anything; nothing was confirmed
                log.warning("telegram.poll_failed", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            pause = _PAUSE_SECONDS
            offset = max([offset, *(id_ + 1 for id_ in map(_id, updates) if id_ is not None)])

    async def _ask(self, offset: int) -> Sequence[dict[str, Any]]:
        """Call getUpdates for bare JSON: one that our library cannot parse must not stop the rest."""
        bot = self._telegram.bot
        wish = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": list(UPDATE_TYPES)}
        response = await self._http.post(f"{bot.base_url}/getUpdates", json=wish)
        answer = response.json()
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise UpdateError("getUpdates was refused")
        return [update for update in answer["result"] if isinstance(update, dict)]

    async def register(self, secret: str) -> None:
        """Tell Telegram where our webhook is, until it has heard."""

        async def set_webhook() -> None:
            await self._telegram.bot.set_webhook(
                self._telegram.webhook_url, secret_token=secret, allowed_updates=list(UPDATE_TYPES), max_connections=40
            )

        await self._until_done("webhook", set_webhook)

    async def name_commands(self, by_language: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Set the list of commands in each language; the key "" is for all others."""
        for language, commands in by_language.items():
            named = [BotCommand(command, words) for command, words in commands]
            try:
                await self._telegram.bot.set_my_commands(named, language_code=language)
            except TelegramError as error:
                log.warning("telegram.commands_not_set", error=type(error).__name__)
                return

    async def _until_done(self, part: str, call: Any) -> None:  # noqa: ANN401 - a bound method of the bot
        pause = _PAUSE_SECONDS
        while True:
            try:
                await call()
            except TelegramError as error:
                log.warning("telegram.away", part=part, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                return

    async def aclose(self) -> None:
        """Give back connections."""
        await self._http.aclose()


def _id(update: Mapping[str, Any]) -> int | None:
    update_id = update.get("update_id")
    return update_id if isinstance(update_id, int) else None
