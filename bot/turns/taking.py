"""Takes one reporter's next update from the inbox through understanding and interview to one commit."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from bot.channels.channel import Channel
from bot.errors import SessionMoved, UpdateError
from bot.i18n import receipts
from bot.interview.advance import advance
from bot.interview.letters import can_be_given, given
from bot.interview.outcome import Outcome
from bot.metrics import TURN_SECONDS, TURNS
from bot.model.codes import Lane
from bot.model.message import Left, Update
from bot.model.private import Private
from bot.model.reply import Say
from bot.model.session import Session
from bot.privacy.seal import Sealer
from bot.turns.canaries import canary_keys
from bot.turns.effects import Cause, Keys, effects
from bot.turns.hearing import Understands, hear, words_of
from bot.turns.receipts import Opening
from bot.turns.reception import BODY
from bot.turns.times import Rules, Times
from storage import inbox, letters, sessions, turn
from storage.claims import Claims
from storage.inbox import InboxRow
from storage.letters import Letter
from storage.replies import NewReply
from storage.sessions import Held
from storage.store import Store
from storage.turn import Begun
from storage.vault import Vault

ADDRESS = "address"
"""The place that addresses are encrypted for."""
MOST_TRIES = 5
"""Of a turn that fails, before its update is set aside."""
MOST_LIVES = 25
"""Starts of this program that an update may see before it counts as what ends it."""
_SUSPECT_FROM = 3
_LONGEST_REST_SECONDS = 60.0
_ELSEWHERE_SECONDS = 0.3
"""While another replica takes a turn of this reporter's."""
_PUT_OFF_SECONDS = 2.0
"""While the database is away or full: no fault of the update's."""
_PAUSES = (0.2, 1.0, 5.0, 20.0)
"""Seconds before a turn that failed is taken again; then its update is set aside."""

log = structlog.get_logger()


class Turns:
    """The one module that decides order, transactions and failure."""

    def __init__(  # noqa: PLR0913, PLR0917 - the composition root gives each part once
        self,
        store: Store,
        claims: Claims,
        vault: Vault,
        sealer: Sealer,
        nlu: Understands,
        channels: Mapping[str, Channel],
        rules: Rules,
        done: Callable[[str, str], None] = lambda _channel, _cause: None,
        slow: Callable[[bytes], None] = lambda _address_key: None,
    ) -> None:
        """Take the parts.

        `done` is told each update that was worked off, by channel and id, `slow` who has a turn of a flood's.
        """
        self._store, self._vault, self._keys, self._nlu = store, vault, Keys(sealer, vault), nlu
        self._claims, self._canaries = claims, canary_keys(channels, vault)
        self._opening = Opening(store, vault)
        self._channels, self._rules, self._done, self._slow = channels, rules, done, slow
        self._pictures = asyncio.Semaphore(1)  # re-encoding one takes a hundred megabytes
        self._begun = time.monotonic()
        self.left_over = 0
        """Id of the newest update that an earlier process left: their tries are counted before, for one may kill us."""

    async def take_next(self, address_key: bytes) -> float | None:
        """Work off one reporter's oldest update.

        Returns:
            Seconds until this reporter should be looked at again; None: nothing is left.
        """
        async with self._claims.hold("turn", address_key) as claim:
            return await self._take_oldest(address_key) if claim else _ELSEWHERE_SECONDS

    async def _take_oldest(self, address_key: bytes) -> float | None:
        begun = await self._store.run(turn.begin, address_key)
        channel = self._channels.get(begun.row.channel) if begun else None
        if begun is None or channel is None:
            return None
        row = begun.row
        if row.lane is Lane.LOW_TRUST:
            self._slow(address_key)
        if row.attempts >= MOST_LIVES:
            await self._set_aside(row, channel)
            return 0.0
        if row.id <= self.left_over:
            if rest := self._rest(row.attempts):
                return rest
            await self._store.run(inbox.failed, row.id)
        try:
            with TURN_SECONDS.labels(channel.name).time():
                has_more = await self._take(begun, channel)
        except SessionMoved:
            return 0.0
        except (OperationalError, InternalError, InterfaceError) as error:
            log.error("turn.put_off", channel=channel.name, error=type(error).__name__)
            return _PUT_OFF_SECONDS
        except Exception as error:  # noqa: BLE001 - the turn loop outlives anything; the update is still stored
            log.error("turn.failed", channel=channel.name, error=type(error).__name__)
            return await self._failed(row, channel)
        self._done(row.channel, row.dedupe)
        return 0.0 if has_more else None

    def _rest(self, attempts: int) -> float:
        """Say how long an update rests that saw this program end while it had its turn: it may be what ends it.

        So others go first, and a time in which we are killed again and again uses nobody's tries up.
        """
        seconds = min(2.0 ** (attempts - _SUSPECT_FROM), _LONGEST_REST_SECONDS) if attempts >= _SUSPECT_FROM else 0.0
        return max(0.0, self._begun + seconds - time.monotonic())

    async def _take(self, begun: Begun, channel: Channel) -> bool:
        """Take a turn; tell whether there may be more of this reporter."""
        row = begun.row
        try:
            update = channel.parse(self._vault.decrypt(row.body_encrypted, BODY))
        except (UpdateError, InvalidTag):
            await self._set_aside(row, channel)
            return True
        has_more = await self._turn(row, channel, update, begun.held())
        TURNS.labels(channel.name, "taken").inc()
        return has_more

    async def _turn(self, row: InboxRow, channel: Channel, update: Update, known: Held | None) -> bool:
        if known is None and isinstance(update.message, Left):
            await self._store.run(inbox.finish, row.id)  # whoever erased and left is not remembered again
            return True
        times = Times.current(self._rules)
        held = _marked(known or self._new(row, update, times.now), row)
        if words := receipts.read(words_of(update.message)):
            await self._opening.open(row, held, channel, words, times)
            return True
        hearing = await hear(update, held, channel, self._nlu, times)
        outcome, waiting = await self._with_letters(held, advance(held.session, hearing.heard))
        cause = Cause(row, update, channel, hearing, waiting)
        async with self._pictures if hearing.file else nullcontext():
            written = await asyncio.to_thread(effects, cause, held, outcome, self._keys, times)
        has_more = await self._store.run(turn.commit, written, times.now)
        if written.erase:
            await asyncio.to_thread(self._store.scrub)
        return has_more

    async def _with_letters(self, held: Held, outcome: Outcome) -> tuple[Outcome, Sequence[Letter]]:
        """Give what an advisor wrote with what is said anyway."""
        if not held.session.waits or not can_be_given(outcome):
            return outcome, ()
        waiting = await self._store.run(letters.waiting, held.session.ticket_id)
        return (given(outcome), waiting) if waiting else (outcome, ())

    def _new(self, row: InboxRow, update: Update, now: datetime) -> Held:
        address = self._vault.encrypt(update.address.user.reveal().encode(), ADDRESS)
        session = Session(uuid4(), row.channel, synthetic=row.address_key in self._canaries)
        return Held(session, 0, row.address_key, address, now)

    async def _failed(self, row: InboxRow, channel: Channel) -> float:
        """Try again after a pause that grows; an update that fails every time must not hold up its reporter."""
        if row.attempts + 1 >= MOST_TRIES:
            await self._set_aside(row, channel)
            return 0.0
        await self._store.run(inbox.failed, row.id)
        return _PAUSES[min(row.attempts, len(_PAUSES) - 1)]

    async def _set_aside(self, row: InboxRow, channel: Channel) -> None:
        """Park an update, tell its reporter that it is kept, and count it."""
        TURNS.labels(channel.name, "parked").inc()
        log.warning("update.parked", channel=channel.name)
        now = datetime.now(UTC)
        await self._store.run(turn.set_aside, row.id, await self._apology(row, channel), now)

    async def _apology(self, row: InboxRow, channel: Channel) -> NewReply | None:
        user = self._sender(row, channel)
        if not user.reveal() or row.address_key in self._canaries:
            return None
        return NewReply(
            channel.name,
            row.dedupe,
            row.address_key,
            self._vault.encrypt(user.reveal().encode(), ADDRESS),
            await self._language(row),
            (Say("trouble"),),
            caused_at=row.received_at,
            state="waiting" if channel.capabilities.pushes else "held",
        )

    async def _language(self, row: InboxRow) -> str:
        """Give the reporter's language; the session itself may be what cannot be read."""
        try:
            held = await self._store.run(sessions.load, row.address_key)
        except ValidationError:
            return "und"
        return held.session.language if held else "und"

    def _sender(self, row: InboxRow, channel: Channel) -> Private:
        try:
            return channel.envelope(self._vault.decrypt(row.body_encrypted, BODY)).user
        except (UpdateError, InvalidTag):
            return Private("")


def _marked(held: Held, row: InboxRow) -> Held:
    """Keep in the session that more came from this reporter than a person types."""
    if row.lane is not Lane.LOW_TRUST:
        return held
    return replace(held, session=replace(held.session, low_trust=True))
