"""What the hotline tells us: an advisor's words for the drawer, and how far a ticket is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from pydantic import ValidationError
from sqlalchemy import Connection

from bot.channels.channel import Channel
from bot.channels.plan import plan
from bot.errors import SessionMoved
from bot.i18n.catalogue import catalogue_of
from bot.interview import letters as interview
from bot.interview.outcome import Outcome
from bot.model.codes import Handling
from bot.model.reply import Reply
from bot.turns import window
from bot.turns.effects import LETTER, letters_of, of_deadline
from bot.turns.rendering import Rendering, sealed_private
from bot.turns.times import Rules, Times
from storage import letters, replies, sessions, turn
from storage.replies import NewReply, Spoken
from storage.sessions import Held
from storage.store import Store
from storage.vault import Vault

log = structlog.get_logger()

_TRIES = 5
_BY_HOURS = "hours:"
"""Begins the cause of a reply that no message caused."""


class Taken(StrEnum):
    """What became of a call."""

    YES = "yes"
    UNKNOWN = "unknown"  # no such report, or it was erased
    UNWANTED = "unwanted"  # the reporter chose never to be answered


class Drawer:
    """Keeps an advisor's words until the reporter writes, or until the hours that they chose."""

    def __init__(
        self, store: Store, vault: Vault, channels: Mapping[str, Channel], rules: Rules, changed: Callable[[], None]
    ) -> None:
        """Take where sessions are, the data key, the channels, the rules, and whom to tell of changes."""
        self._store, self._vault, self._channels, self._rules, self._changed = store, vault, channels, rules, changed
        self._rendering = Rendering(vault)

    async def put(self, ticket_id: UUID, dedupe: str, words: str) -> Taken:
        """Put an advisor's words into the drawer. The same call again changes nothing."""
        encrypted = self._vault.encrypt(words.encode(), LETTER)

        def commit(db: Connection, held: Held, times: Times) -> Taken:
            if not interview.may_arrive(held.session):
                return Taken.UNWANTED
            if letters.is_known(db, dedupe):
                return Taken.YES
            turn.commit(db, of_deadline(held, interview.arrived(held.session), times), times.now)
            letters.put(db, dedupe, ticket_id, encrypted, times.now)
            return Taken.YES

        return await self._changed_session(ticket_id, commit)

    async def put_back(self, spoken: Spoken, words: str) -> None:
        """Put an advisor's words back that a reply held and that were not said."""
        held = await self._store.run(sessions.load, spoken.address_key)
        if held:
            await self.put(held.session.ticket_id, f"{letters.UNSAID}{spoken.id}", words)

    async def handle(self, ticket_id: UUID, handling: Handling) -> Taken:
        """Remember how far the hotline is."""

        def commit(db: Connection, held: Held, times: Times) -> Taken:
            outcome = Outcome(replace(held.session, handling=handling))
            turn.commit(db, of_deadline(held, outcome, times), times.now)
            sessions.acknowledged(db, ticket_id)
            return Taken.YES

        return await self._changed_session(ticket_id, commit)

    async def _changed_session(self, ticket_id: UUID, commit: Callable[[Connection, Held, Times], Taken]) -> Taken:
        def work(db: Connection) -> Taken:
            held = sessions.of_ticket(db, ticket_id)
            return commit(db, held, Times.current(self._rules)) if held else Taken.UNKNOWN

        for _ in range(_TRIES):
            try:
                taken = await self._store.run(work)
            except SessionMoved:
                continue
            self._changed()
            return taken
        raise SessionMoved("the session keeps changing")

    async def give_in_hours(self, now: datetime) -> None:
        """Send letters to those who chose this time of day."""
        for ticket_id in await self._store.run(letters.tickets):
            try:
                if await self._store.run(self._give, ticket_id, now):
                    self._changed()
            except SessionMoved:
                continue
            except (ValidationError, InvalidTag) as error:
                log.error("letter.not_given", error=type(error).__name__)  # the others get theirs

    def _give(self, db: Connection, ticket_id: UUID, now: datetime) -> bool:
        held = sessions.of_ticket(db, ticket_id)
        channel = self._channels.get(held.session.channel) if held else None
        if (
            held is None
            or channel is None
            or not channel.capabilities.pushes
            or not interview.is_hour(held.session, now)
        ):
            return False
        if not window.is_open(channel.capabilities, _heard_at(held, self._rules), now):
            return False  # they get it with what is said to their next message
        waiting = letters.waiting(db, ticket_id)
        if not waiting or any(letter.unsaid for letter in waiting):
            return False  # a turn has given them meanwhile, or the channel did not take them
        private = letters_of(waiting, self._vault)
        outcome = interview.given(Outcome(held.session))
        if not self._has_room(db, held, channel, catalogue_of(held.session.language).reply(outcome.say, private)):
            return False
        written = of_deadline(held, outcome, Times(now, self._rules))
        reply = NewReply(
            channel.name,
            f"{_BY_HOURS}{ticket_id}:{waiting[0].id}",
            held.address_key,
            held.address_encrypted,
            held.session.language,
            outcome.say,
            caused_at=now,
            private_encrypted=sealed_private(self._vault, private),
        )
        turn.commit(db, replace(written, reply=reply, letters=tuple(letter.id for letter in waiting)), now)
        return True

    def _has_room(self, db: Connection, held: Held, channel: Channel, reply: Reply) -> bool:
        """Tell whether a letter fits into what the channel lets us say to the reporter's last message."""
        can, spent = channel.capabilities, 0
        if can.burst is None:
            return True
        for spoken in replies.newest(db, held.address_key):
            said = self._rendering.reply(spoken)
            spent += len(plan(said, can)) if said else 0
            if not spoken.cause.startswith(_BY_HOURS):
                break  # what a message caused is the first since that message
        return window.has_room(can, spent, len(plan(reply, can)))


def _heard_at(held: Held, rules: Rules) -> datetime:
    """Give when the reporter wrote last."""
    return held.purge_at - rules.retention if held.purge_at else held.begun_at
