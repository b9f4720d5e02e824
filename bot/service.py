"""The composition root: every part made once, from the settings, and run together."""

import asyncio
import hmac
from collections.abc import Callable, Coroutine
from datetime import timedelta
from hashlib import sha256
from typing import Any, Self

import structlog
from sqlalchemy import Connection, text
from starlette.applications import Starlette

from bot import state
from bot.channels.pulled import PulledChannel
from bot.channels.table import channels
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.receiving import Receiver
from bot.delivery.hotline import Hotline
from bot.delivery.loop import DeliveryLoop
from bot.embedded import EmbeddedDesk
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, LANGUAGES
from bot.privacy.seal import Sealer, fingerprint
from bot.settings import Settings
from bot.turns.answers import Answers
from bot.turns.drawer import Drawer
from bot.turns.loop import TurnLoop
from bot.turns.reception import Reception
from bot.turns.rendering import Rendering
from bot.turns.replying import ReplyLoop
from bot.turns.sweeping import Sweeper
from bot.turns.taking import Turns
from bot.web import health, page, webhooks
from bot.web.app import application
from bot.web.chat import ChatApi
from bot.web.hotline import HotlineApi
from bot.web.tokens import Tokens
from nlu.beside import Beside
from nlu.client import Client
from storage import inbox, outbox
from storage.store import Store
from storage.vault import Vault

ANSWER_WITHIN = timedelta(seconds=25)
"""A web chat's turn that takes longer is asked for again, with the same id."""
type Job = Callable[[], Coroutine[Any, Any, None]]
COMMANDS = ("start", "stop", "erase", "language", "receipt")

log = structlog.get_logger()


class Service:
    """All parts of one process. `async with` starts and ends what they need; `run` works until cancelled."""

    def __init__(self, settings: Settings, database_url: str | None = None) -> None:
        """Make the parts; raises SettingsError for what cannot work."""
        state.make_folder(settings)
        self.settings = settings
        self.key = state.data_key(settings)
        hotline = state.hotline(settings)
        self.recipients, self.fingerprints = hotline.recipients, tuple(map(fingerprint, hotline.recipients))
        self.desk = None if hotline.url else EmbeddedDesk(settings, hotline.secret)
        self.hotline_url = hotline.url or (self.desk.tickets_url if self.desk else "")
        self.hotline, self.hotline_secret = Hotline(self.hotline_url, hotline.secret), hotline.secret
        self.store = Store(database_url or state.database_url(settings))
        self.beside = None if settings.nlu_url else Beside(note=log.info)
        self.nlu = Client(self.beside.url if self.beside else settings.nlu_url or "")
        self.channels = channels(settings)
        self._compose(Vault(self.key), Sealer(hotline.recipients))

    def _compose(self, vault: Vault, sealer: Sealer) -> None:
        silence = timedelta(seconds=self.settings.silence_seconds)
        self.turns = Turns(self.store, vault, sealer, self.nlu, self.channels, silence, self._done)
        self.loop = TurnLoop(self.turns.take_next)
        self.reception = Reception(self.store, vault, self.loop.wake)
        self.answers = Answers(self.store, self.reception.accept, ANSWER_WITHIN)
        self.rendering = Rendering(vault)
        self.replying = ReplyLoop(self.store, vault, self.channels)
        self.delivery = DeliveryLoop(self.store, self.hotline, sealer.fingerprints)
        self.drawer = Drawer(self.store, vault, self.channels, self._changed)
        self.sweeper = Sweeper(self.store, silence, self.delivery.wake, self.drawer.give_in_hours)
        telegram = self.channels.get("telegram")
        self.telegram = Receiver(telegram, self.reception.accept) if isinstance(telegram, Telegram) else None

    def _done(self, channel: str, cause: str) -> None:
        """A turn was committed: what it says and files goes out."""
        self.answers.done(channel, cause)
        self._changed()

    def _changed(self) -> None:
        self.replying.wake()
        self.delivery.wake()

    async def __aenter__(self) -> Self:
        """Bring the database to this version, and begin starting the NLU server."""
        await asyncio.to_thread(self.store.migrate)
        if self.beside:
            self.beside.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give everything back."""
        await self.aclose()

    async def aclose(self) -> None:
        """Give everything back."""
        closing = [self.nlu.close(), self.hotline.aclose(), *(channel.aclose() for channel in self.channels.values())]
        closing += [self.beside.stop()] if self.beside else []
        closing += [self.telegram.aclose()] if self.telegram else []
        await asyncio.gather(*closing, return_exceptions=True)
        self.store.close()

    async def run(self) -> None:
        """Take turns, answer, deliver and keep deadlines, beginning with what was left from last time."""
        self.turns.left_over = await self.store.run(inbox.newest)
        self.loop.wake_all(await self.store.run(inbox.waiting))
        async with asyncio.TaskGroup() as group:
            for job in self._jobs():
                group.create_task(job())

    def _jobs(self) -> list[Job]:
        jobs: list[Job] = [self.loop.run, self.replying.run, self.delivery.run, self.sweeper.run]
        jobs += [self.desk.run] if self.desk else []
        return jobs + ([self._receive_telegram] if self.telegram else [])

    async def _receive_telegram(self) -> None:
        """By webhook where the outside reaches us, else by polling."""
        assert self.telegram  # noqa: S101 - a job only where it is on
        await self.telegram.name_commands(_commands())
        if self.settings.public_url:
            url = self.settings.public_url + webhooks.TELEGRAM_PATH
            await self.telegram.register(url, self._webhook_secret())
        else:
            await self.telegram.poll()

    def _webhook_secret(self) -> str:
        return hmac.new(self.key, b"quietline telegram webhook", sha256).hexdigest()

    def web(self) -> Starlette:
        """Give the HTTP application: web chat, webhooks, health."""
        routes = [*page.routes(self.settings.leave_url), *health.routes(self.parts())]
        routes += HotlineApi(self.drawer, self.hotline_secret).routes()
        web = self.channels["web"]
        if isinstance(web, PulledChannel):
            routes += ChatApi(web, self.answers, Tokens(self.key), self.rendering).routes()
        if self.telegram and self.settings.public_url:
            routes.append(webhooks.telegram(self.telegram, self._webhook_secret()))
        return application(routes)

    def parts(self) -> health.Parts:
        """Give each part that may be away, with how to ask it."""
        parts = {"database": self._database_answers, "nlu": self.nlu.alive, "hotline": self.hotline.answers}
        telegram = self.channels.get("telegram")
        return parts | ({"telegram": telegram.answers} if isinstance(telegram, Telegram) else {})

    async def waiting(self) -> bool:
        """Tell whether anything is still on its way to the hotline."""
        waiting, _parked = await self.store.run(outbox.size)
        return waiting > 0

    async def _database_answers(self) -> bool:
        def ask(db: Connection) -> bool:
            return db.execute(text("SELECT 1")).scalar() == 1

        return await self.store.run(ask)


def _commands() -> dict[str, list[tuple[str, str]]]:
    """Give Telegram's list of commands by its two-letter languages; "" for everybody else."""
    by_language = {code.partition("-")[0]: _commands_in(code) for code in reversed(tuple(LANGUAGES))}
    return {"": _commands_in(FALLBACK), **by_language}


def _commands_in(code: str) -> list[tuple[str, str]]:
    return [(command, catalogue_of(code).word(f"command.{command}")) for command in COMMANDS]
