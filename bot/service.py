"""The composition root: every part made once, from the settings, and run together."""

import asyncio
import hmac
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, Self

import httpx
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette

from bot import state
from bot.canary import Canaries
from bot.channels.channel import Channel, Listens
from bot.channels.pulled import PulledChannel
from bot.channels.sending import Sender
from bot.channels.table import channels, webhook_url
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.receiving import Receiver
from bot.channels.vended import Vended
from bot.delivery.hotline import Hotline
from bot.delivery.loop import Deliveries
from bot.delivery.polling import Polling
from bot.embedded import EmbeddedDesk
from bot.errors import SettingsError
from bot.i18n.catalogue import catalogue_of
from bot.i18n.languages import FALLBACK, LANGUAGES
from bot.privacy.seal import Sealer, fingerprint
from bot.settings import Settings
from bot.turns.answers import Answers
from bot.turns.counting import Counting
from bot.turns.drawer import Drawer
from bot.turns.lanes import Lanes
from bot.turns.lookout import Lookout
from bot.turns.loop import TurnLoop
from bot.turns.reception import Reception
from bot.turns.rendering import Rendering
from bot.turns.replying import ReplyLoop
from bot.turns.sweeping import Sweeper
from bot.turns.taking import Turns
from bot.turns.times import Rules
from bot.watch import Watch
from bot.web import health, page, place, webhooks
from bot.web.app import application
from bot.web.chat import ChatApi
from bot.web.hotline import HotlineApi
from bot.web.init_data import InitData
from bot.web.tokens import Tokens
from nlu.beside import Beside
from nlu.client import Client
from storage import inbox, outbox, sessions
from storage.claims import Claims
from storage.jobs import Jobs
from storage.journal import Journal
from storage.store import Store
from storage.together import Together
from storage.vault import Vault

ANSWER_WITHIN = timedelta(seconds=25)
"""A web chat's turn that takes longer is asked for again, with the same id."""
DELAY = timedelta(minutes=5)
"""The longest that a ticket without urgency rests, where the operator says nothing."""
LATE = timedelta(seconds=10)
"""After which a delivery is looked at although no job called for it: the engine may be ill, and nobody waits for it."""
_ASK_AGAIN_SECONDS = 5.0
"""How often a replica asks whether it may poll now."""
_REGISTER_AGAIN_SECONDS = 30.0
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
        self.desk = None if hotline.url else EmbeddedDesk(settings, hotline.secrets)
        self.hotline_url = hotline.url or (self.desk.tickets_url if self.desk else "")
        self.hotline = Hotline(self.hotline_url, hotline.secrets, settings.hotline_test_url)
        self.hotline_secrets = hotline.secrets
        self.store = Store(database_url or state.database_url(settings), self.key)
        self.claims = Claims(self.store)
        self.beside = None if settings.nlu_url else Beside(note=log.info)
        self.nlu = Client(self.beside.url if self.beside else settings.nlu_url or "")
        self.sender, self.vault = Sender(), Vault(self.key)
        self.links = place.Links(self.vault, settings.public_url)
        self.channels = channels(settings, self.sender, self.links)
        self.vended = {name: channel for name, channel in self.channels.items() if isinstance(channel, Vended)}
        self._compose(self.vault, Sealer(hotline.recipients))

    def _compose(self, vault: Vault, sealer: Sealer) -> None:
        rules = self._rules()
        self.turns = Turns(
            self.store, self.claims, vault, sealer, self.nlu, self.channels, rules, self._done, self._flooded
        )
        self.loop = TurnLoop(self.turns.take_next)
        self.reception = Reception(
            Together(self.store, _journal(self.settings)), vault, Lanes(lambda: self.loop.is_behind), self.loop.wake
        )
        self.lookout = Lookout(self.store, self.loop.wake)
        self.answers = Answers(self.store, self.reception.accept, ANSWER_WITHIN)
        self.rendering = Rendering(vault)
        deliveries = Deliveries(self.store, self.claims, self.hotline, sealer.fingerprints, rules.acknowledgement)
        self.delivery: Polling | Jobs = Polling(self.store, deliveries.work)
        self.late = Polling(self.store, deliveries.work, LATE)
        self.drawer = Drawer(self.store, vault, self.channels, rules, self._changed)
        self.replying = ReplyLoop(self.store, self.claims, vault, self.channels, self.drawer.put_back)
        self.sweeper = Sweeper(self.store, rules, self._changed, self.drawer.give_in_hours)
        if self.store.is_shared:
            self.delivery = Jobs(self.store.engine.url, deliveries.work, self.sweeper.sweep)
        self.counting = Counting(self.store)
        every = timedelta(seconds=self.settings.canary_seconds)
        self.canaries = Canaries(self.store, self.channels, self._hand_in, every)
        self.watch = Watch(self.parts(), self.channels)
        telegram = self.channels.get("telegram")
        self.telegram = Receiver(telegram, self.reception.accept) if isinstance(telegram, Telegram) else None

    def _rules(self) -> Rules:
        """Tickets for a desk on this machine cross no network that somebody could watch: they leave at once."""
        delay = self.settings.delay_seconds
        return Rules(
            silence=timedelta(seconds=self.settings.silence_seconds),
            retention=timedelta(days=self.settings.retention_days),
            delay=timedelta(seconds=delay) if delay is not None else timedelta() if self.desk else DELAY,
            acknowledgement=timedelta(seconds=self.settings.acknowledge_seconds),
        )

    def _done(self, channel: str, cause: str) -> None:
        """A turn was committed: what it says and files goes out."""
        self.answers.done(channel, cause)
        self.delivery.wake()
        if self.channels[channel].capabilities.pushes:
            self.replying.wake()

    def _flooded(self, address_key: bytes) -> None:
        self.loop.slow(address_key)

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
        closing = [
            self.nlu.close(),
            self.hotline.aclose(),
            self.sender.aclose(),
            *(channel.aclose() for channel in self.channels.values()),
        ]
        closing += [self.beside.stop()] if self.beside else []
        closing += [self.telegram.aclose()] if self.telegram else []
        await asyncio.gather(*closing, return_exceptions=True)
        self.claims.close()
        self.store.close()

    async def run(self) -> None:
        """Take turns, answer, deliver and keep deadlines, beginning with what was left from last time."""
        self.turns.left_over = await self.store.run(inbox.newest)
        self.loop.wake_all((head.address_key, head.lane) for head in await self.store.run(inbox.heads))
        async with asyncio.TaskGroup() as group:
            for job in self._jobs():
                group.create_task(job())

    def _jobs(self) -> list[Job]:
        jobs: list[Job] = [
            self.loop.run,
            self.replying.run,
            self.delivery.run,
            self.lookout.run,
            self.counting.run,
            self.watch.run,
        ]
        jobs += [self.claims.run, self.late.run, self.sweeper.stand_in] if self.store.is_shared else [self.sweeper.run]
        jobs += [self.desk.run] if self.desk else []
        jobs += [self.canaries.run] if self.settings.hotline_test_url else []
        if self.settings.public_url:
            jobs += [partial(_register, channel) for channel in self.vended.values()]
        jobs += [
            partial(channel.listen, self.reception.accept)
            for channel in self.channels.values()
            if isinstance(channel, Listens)
        ]
        return jobs + ([self._receive_telegram] if self.telegram else [])

    async def _receive_telegram(self) -> None:
        """By webhook where the outside reaches us, else by polling, one replica of all."""
        assert self.telegram  # noqa: S101 - a job only where it is on
        await self.telegram.name_commands(_commands())
        if self.settings.public_url:
            await self.telegram.register(self._webhook_secret())
            return
        while True:
            async with self.claims.hold("poll") as claim:
                if claim:
                    await self.telegram.poll(partial(self.claims.are_kept, claim))
            await asyncio.sleep(_ASK_AGAIN_SECONDS)

    async def _hand_in(self, channel: Channel, id_: str, words: str) -> None:
        """Hand a canary in as its vendor would: by our own webhook, from outside, where there is one."""
        url = webhook_url(self.settings, channel.name)
        if url and isinstance(channel, Vended) and not isinstance(channel, Listens):
            call = channel.vendor.synthetic(id_, words)
            await self._call_webhook(call.url, call.body, call.headers)
        elif url and isinstance(channel, Telegram):
            secret = {"x-telegram-bot-api-secret-token": self._webhook_secret()}
            await self._call_webhook(url, channel.synthetic(id_, words), secret)
        else:
            await self.reception.accept(channel, [channel.synthetic(id_, words)])

    async def _call_webhook(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            (await http.post(url, content=body, headers=dict(headers))).raise_for_status()

    async def _is_open(self, channel: str, user: str) -> bool:
        """Tell whether somebody has a report that goes on in the open."""
        held = await self.store.run(sessions.load, self.vault.address_key(channel, user))
        return held is not None and not held.session.hidden

    def _webhook_secret(self) -> str:
        return hmac.new(self.key, b"quietline telegram webhook", sha256).hexdigest()

    def web(self) -> Starlette:
        """Give the HTTP application: web chat, webhooks, health."""
        init_data = self._init_data()
        routes = [*page.routes(self.settings.leave_url, self.recipients, has_app=init_data is not None)]
        routes += health.routes(self.parts())
        routes += HotlineApi(self.drawer, self.hotline_secrets).routes()
        web = self.channels["web"]
        if isinstance(web, PulledChannel):
            routes += ChatApi(web, self.answers, Tokens(self.key), self.rendering, init_data).routes()
        if self.telegram and self.settings.public_url:
            routes.append(webhooks.telegram(self.telegram, self._webhook_secret()))
        if public_url := self.settings.public_url:
            routes += place.routes(self.links, self.vended, self.reception.accept, self._is_open)
            routes += [webhooks.vended(channel, public_url, self.reception.accept) for channel in self.vended.values()]
        return application(routes)

    def _init_data(self) -> InitData | None:
        """Give what knows Mini Apps of our bot; None: there is no bot."""
        token = self.settings.telegram_token
        return InitData(token.get_secret_value()) if self.telegram and token else None

    def parts(self) -> health.Parts:
        """Give each part that may be away, with how to ask it."""
        parts = {"database": self._database_answers, "nlu": self.nlu.alive, "hotline": self.hotline.answers}
        outside = {name: channel for name, channel in self.channels.items() if channel.capabilities.pushes}
        return parts | {name: partial(_is_well, channel) for name, channel in outside.items()}

    async def waiting(self) -> bool:
        """Tell whether anything is still on its way to the hotline."""
        waiting, _parked = await self.store.run(outbox.size)
        return waiting > 0

    async def _database_answers(self) -> bool:
        def ask(db: Connection) -> bool:
            return db.execute(text("SELECT 1")).scalar() == 1

        try:
            return await self.store.run(ask)
        except SQLAlchemyError:
            return False


async def _register(channel: Vended) -> None:
    """Tell a vendor where our webhook is, until it has heard."""
    while not await channel.register():
        log.warning("channel.not_registered", channel=channel.name)
        await asyncio.sleep(_REGISTER_AGAIN_SECONDS)


def _journal(settings: Settings) -> Journal | None:
    """Open the journal, if one is wanted: where it takes no file, no message could be confirmed.

    Raises:
        SettingsError: The folder is missing or may not be written, or the database is PostgreSQL.
    """
    if settings.journal_dir is None:
        return None
    if state.database_file(settings) is None:
        raise SettingsError("QUIETLINE_JOURNAL_DIR: is for SQLite; PostgreSQL has its own log")
    try:
        TemporaryFile(dir=settings.journal_dir).close()
    except OSError:
        raise SettingsError("QUIETLINE_JOURNAL_DIR: this folder is missing, or may not be written") from None
    return Journal(settings.journal_dir)


async def _is_well(channel: Channel) -> bool:
    return (await channel.health()).fault is None


def _commands() -> dict[str, list[tuple[str, str]]]:
    """Give Telegram's list of commands by its two-letter languages; "" for everybody else."""
    by_language = {code.partition("-")[0]: _commands_in(code) for code in reversed(tuple(LANGUAGES))}
    return {"": _commands_in(FALLBACK), **by_language}


def _commands_in(code: str) -> list[tuple[str, str]]:
    return [(command, catalogue_of(code).word(f"command.{command}")) for command in COMMANDS]
