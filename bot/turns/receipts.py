"""Words that may open a report: tried, and answered alike whatever they open nothing for."""

from dataclasses import replace
from uuid import uuid4

from sqlalchemy import Connection

from bot.channels.channel import Channel
from bot.interview.asking import welcome_back
from bot.interview.closing import fall_silent
from bot.interview.decoy import CHOICES
from bot.model.reply import Say
from bot.model.session import Session
from bot.turns.effects import deadlines, of_deadline, reply_for
from bot.turns.times import Times
from storage import receipts, sessions, turn
from storage.inbox import InboxRow
from storage.receipts import Try
from storage.sessions import Held
from storage.store import Store
from storage.vault import Vault


class Opening:
    """Hands a report over to whoever gives its words."""

    def __init__(self, store: Store, vault: Vault) -> None:
        """Take where sessions are, and what hashes words."""
        self._store, self._vault = store, vault

    async def open(self, row: InboxRow, here: Held, channel: Channel, words: str, times: Times) -> None:
        """Open the report of these words for this address, or say that they open none.

        Nothing tells a wrong receipt from an unknown one, or from a right one that came too soon after wrong ones. The
        words are kept nowhere.
        """
        key = self._vault.receipt_key(words)

        def work(db: Connection) -> None:
            free = receipts.may_try(db, here.address_key, times.now)
            found = receipts.of_key(db, key)
            if found is None or not free:
                receipts.refuse(db, Try(row.id, reply_for(row, here, channel, (_refusal(here),)), times.now))
                return
            if here.version and here.address_key != found.address_key:
                turn.commit(db, of_deadline(here, fall_silent(here.session), times), times.now)
            moved = _moved(found, here, channel)
            tried = Try(row.id, reply_for(row, moved, channel, welcome_back(moved.session)), times.now)
            due = deadlines(moved.session, times)
            receipts.move(db, found, moved, due, tried)
            if found.session.hidden and here.address_key != found.address_key:
                sessions.save(db, _shell(found, times), due)

        await self._store.run(work)


def _moved(found: Held, here: Held, channel: Channel) -> Held:
    """Give a session as it stands at this address; what was begun here was filed."""
    opened = replace(found.session, channel=channel.name, hidden=False)
    return replace(found, session=opened, address_key=here.address_key, address_encrypted=here.address_encrypted)


def _shell(found: Held, times: Times) -> Held:
    """Leave the harmless assistant where it was: whoever holds that phone sees no change."""
    left = replace(Session(uuid4(), found.session.channel), language=found.session.language, greeted=True, hidden=True)
    return replace(found, session=left, version=0, begun_at=times.now)


def _refusal(here: Held) -> Say:
    return Say("decoy.sorry", choices=CHOICES) if here.session.hidden else Say("receipt_unknown")
