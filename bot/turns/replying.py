"""The outbound gate: the only way to a reporter. A send names the message that caused it, and is never made twice."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.channels.channel import Channel
from bot.errors import NotNow, SendError, SendLater, SendNever
from bot.lines import Lines
from bot.metrics import REPLIES
from bot.model.message import Address
from bot.model.private import Private
from bot.pacing import DueLoop
from bot.turns.effects import ANSWERS
from bot.turns.rendering import Rendering
from bot.turns.taking import ADDRESS
from bot.turns.window import MARGIN
from storage import replies, sessions
from storage.claims import Claims
from storage.replies import Spoken
from storage.store import Store
from storage.vault import Vault

AT_ONCE = 32
MOST_OF_ONE = 16
"""Of one channel: where a vendor hangs, the others still speak."""
STALE = MARGIN
"""A reporter who wrote longer ago may have given the phone back: silence is the safe answer (docs/decisions)."""
ANSWERS_LIVE = timedelta(seconds=50)
"""LINE's reply tokens die after about a minute."""
_PAUSE_SECONDS = 2.0
_ELSEWHERE_SECONDS = 0.5
"""While another replica speaks to this reporter."""
_FULL_SECONDS = 1.0
"""While its channel has as many under way as it may."""
_OFF_SECONDS = 60.0
"""While the channel is off."""
_LONGEST_SECONDS = 600.0


type PutBack = Callable[[Spoken, str], Awaitable[None]]
"""Puts an advisor's words back that a reply held and that were not said."""


def _settle(db: Connection, spoken: Spoken, state: str, shown: Sequence[str], now: datetime) -> None:
    replies.settle(db, spoken.id, state)
    sessions.remember_shown(db, spoken.address_key, shown, now)


class ReplyLoop:
    """Sends what turns committed."""

    def __init__(
        self,
        store: Store,
        claims: Claims,
        vault: Vault,
        channels: Mapping[str, Channel],
        put_back: PutBack,
    ) -> None:
        """Take where replies wait, the claims of this replica, the data key, the channels, and who keeps letters."""
        self._store, self._vault, self._channels, self._put_back = store, vault, channels, put_back
        self._rendering, self._claims = Rendering(vault), claims
        self._lines = Lines[bytes]()
        self._speaking = Counter[str]()
        self._loop = DueLoop[int](self._ahead, self._attempt, AT_ONCE)
        self.wake, self.run = self._loop.wake, self._loop.run

    async def _ahead(self, most: int) -> Sequence[tuple[int, datetime]]:
        return await self._store.run(replies.ahead, most)

    async def _attempt(self, id_: int) -> None:
        """Send a reply, after what is under way to its reporter: what is erased includes the message before."""
        spoken = await self._store.run(replies.waiting, id_)
        if spoken is None:
            return
        channel = self._channels.get(spoken.channel)
        if channel is None:
            raise NotNow(_OFF_SECONDS)
        if self._speaking[channel.name] >= MOST_OF_ONE:
            raise NotNow(_FULL_SECONDS)
        self._speaking[channel.name] += 1
        try:
            await self._attempt_on(channel, spoken)
        finally:
            self._speaking[channel.name] -= 1

    async def _attempt_on(self, channel: Channel, spoken: Spoken) -> None:
        async with self._lines.of(spoken.address_key), self._claims.hold("reply", spoken.address_key) as claim:
            if not claim:
                raise NotNow(_ELSEWHERE_SECONDS)
            try:
                await self._settle(spoken, channel)
            except SendLater as wish:
                await self._later(spoken, wish.seconds)

    async def _settle(self, spoken: Spoken, channel: Channel) -> None:
        """Wipe first, which may be repeated; then claim and send, which may not: it may have arrived."""
        address = self._address(spoken, channel)
        if spoken.erases:
            await self._wipe(spoken, channel, address)
        if not await self._store.run(replies.claim, spoken.id):
            return
        if datetime.now(UTC) - spoken.caused_at > STALE:
            await self._unsaid(spoken, channel, "stale")
            return
        await self._send(spoken, channel, address)

    def _address(self, spoken: Spoken, channel: Channel) -> Address:
        """Say where to; with what answers the message itself while that may still live."""
        user = Private(self._vault.decrypt(spoken.address_encrypted, ADDRESS).decode())
        if spoken.answers_encrypted is None or datetime.now(UTC) - spoken.caused_at > ANSWERS_LIVE:
            return Address(channel.name, user)
        answers = self._vault.decrypt(spoken.answers_encrypted, ANSWERS).decode()
        return Address(channel.name, user, Private(answers))

    async def _send(self, spoken: Spoken, channel: Channel, address: Address) -> None:
        reply = self._rendering.reply(spoken)
        if reply is None:
            await self._settled(spoken, channel, "dropped")
            return
        try:
            message_ids = await channel.send(address, reply)
        except SendLater:
            raise
        except SendNever as error:
            await self._unsaid(spoken, channel, "dropped", error.shown)
        except SendError as error:
            await self._settled(spoken, channel, "unsure", error.shown)
        else:
            await self._settled(spoken, channel, "sent", message_ids)

    async def _settled(self, spoken: Spoken, channel: Channel, state: str, shown: Sequence[str] = ()) -> None:
        """Say what became of a reply; what of it was shown is remembered, but for what confirms an erasure."""
        kept = shown if channel.capabilities.erases and not spoken.erases else ()
        await self._store.run(_settle, spoken, state, kept, datetime.now(UTC))
        REPLIES.labels(spoken.channel, state).inc()

    async def _unsaid(self, spoken: Spoken, channel: Channel, state: str, shown: Sequence[str] = ()) -> None:
        """Settle what was certainly not said; an advisor's words in it wait again for the reporter's next message."""
        await self._settled(spoken, channel, state, shown)
        if words := self._rendering.advisor(spoken):
            await self._put_back(spoken, words)

    async def _later(self, spoken: Spoken, seconds: float | None) -> None:
        pause = timedelta(seconds=min(seconds or _PAUSE_SECONDS, _LONGEST_SECONDS))
        await self._store.run(replies.later, spoken.id, datetime.now(UTC) + pause)
        REPLIES.labels(spoken.channel, "later").inc()

    async def _wipe(self, spoken: Spoken, channel: Channel, address: Address) -> None:
        """Delete both sides' messages; ids stay stored until the channel has heard, so a crash repeats the asking."""
        message_ids = await self._store.run(sessions.shown_to, spoken.address_key)
        await channel.erase(address, message_ids)
        await self._store.run(sessions.hide, spoken.address_key, message_ids)
