"""Universal: whatever happens, in whatever order, a reporter is sent nothing that a message of theirs did not cause,
nothing twice, and nothing that waited when they said stop."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519
from sqlalchemy import Connection, select

from bot.channels.capabilities import Capabilities
from bot.channels.pulled import PulledChannel, pack
from bot.errors import SendError, SendLater, SendNever
from bot.model.message import Address
from bot.model.reply import Reply
from bot.privacy.seal import Sealer
from bot.turns.drawer import Drawer
from bot.turns.lanes import Lanes
from bot.turns.loop import TurnLoop
from bot.turns.reception import Reception
from bot.turns.replying import ReplyLoop
from bot.turns.sweeping import Sweeper
from bot.turns.taking import Turns
from bot.turns.times import Rules
from storage import inbox, replies, sessions, tables
from storage.claims import Claims
from storage.store import Store
from storage.together import Together
from storage.vault import Vault
from tests.fakes.nlu import Words
from tests.running import eventually

LETTER = "Which floor are you on?"
STOPPED = "All right. Nothing more will be sent."
SAYS = ("hello", "in Kampot", "they will sell us tonight", "skip", "2", "stop", "erase", "done", "receipt", "hide", "")
STEPS = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(SAYS)),
    st.tuples(st.just("again"), st.just("")),
    st.tuples(st.sampled_from(["quiet", "restart", "fails", "puts off", "refuses", "letter"]), st.just("")),
)


class PushedChannel(PulledChannel):
    """A channel that pushes, and fails when it is told to. It notes what caused each message that may have gone out."""

    def __init__(self, cause: Callable[[], str]) -> None:
        super().__init__("console", clears=False)
        self.capabilities = Capabilities(4096, 1 << 20, pushes=True, erases=True)
        self.sent: list[str] = []
        self.causes: list[str] = []
        self._cause = cause
        self.next_error: SendError | None = None

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:  # noqa: ARG002 - as the protocol says
        error, self.next_error = self.next_error, None
        if not isinstance(error, SendLater):
            self.causes.append(self._cause())
        if error:
            raise error
        self.sent.append(reply.text)
        return (str(len(self.sent)),)


def cause_of_the_newest_claimed(db: Connection) -> str:
    """Give what caused the reply that is being sent: to one reporter one at a time, the oldest first."""
    claimed = select(tables.replies.c.cause).where(tables.replies.c.state == "claimed")
    return db.execute(claimed.order_by(tables.replies.c.id.desc()).limit(1)).scalar_one()


def is_at_rest(db: Connection) -> bool:
    """Tell whether every message had its turn, and every reply its attempt."""
    return inbox.size(db)[0] == 0 and not replies.ahead(db, 1)


class World:
    """The parts between a message and its reply, on a database of their own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'a.sqlite'}")
        self.store.migrate()
        self.vault = Vault(b"k" * 32)
        self.channel = PushedChannel(lambda: self.store.run_now(cause_of_the_newest_claimed))
        self.sealer = Sealer([str(x25519.Identity.generate().to_public())])
        self.written: list[str] = []
        self.start()

    def start(self) -> None:
        channels, silence = {"console": self.channel}, timedelta(milliseconds=1)
        rules, claims = Rules(silence), Claims(self.store)
        turns = Turns(self.store, claims, self.vault, self.sealer, Words(), channels, rules)
        self.loop = TurnLoop(turns.take_next, 1)
        self.reception = Reception(Together(self.store), self.vault, Lanes(lambda: False), self.loop.wake)
        self.drawer = Drawer(self.store, self.vault, channels, rules, lambda: self.wake())  # noqa: PLW0108 - made below
        replying = ReplyLoop(self.store, claims, self.vault, channels, self.drawer.put_back)
        self.wake = replying.wake
        sweeper = Sweeper(self.store, rules, lambda: None, self.drawer.give_in_hours)
        self.loop.wake_all((head.address_key, head.lane) for head in self.store.run_now(inbox.heads))
        self.tasks = [asyncio.create_task(job()) for job in (self.loop.run, replying.run, sweeper.run)]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def write(self, text: str, cause: str) -> None:
        await self.reception.accept(self.channel, [pack("somebody", cause, {"text": text}, "en")])

    async def step(self, kind: str, text: str) -> None:
        match kind:
            case "says":
                self.written.append(text)
                await self.write(text, str(len(self.written)))
            case "again" if self.written:
                await self.write(self.written[-1], str(len(self.written)))
            case "letter" if held := self.store.run_now(sessions.load, self.vault.address_key("console", "somebody")):
                await self.drawer.put(held.session.ticket_id, f"letter {len(self.written)}", LETTER)
            case "restart":
                await self.stop()
                self.start()
            case "fails":
                self.channel.next_error = SendError("unsure")
            case "puts off":
                self.channel.next_error = SendLater(0.01)
            case "refuses":
                self.channel.next_error = SendNever("blocked")
        await asyncio.sleep(0.03)


async def live(steps: Sequence[tuple[str, str]], folder: Path) -> World:
    world = World(folder)
    for kind, text in steps:
        await world.step(kind, text)
    await eventually(lambda: world.store.run(is_at_rest))
    await world.stop()
    world.store.close()
    return world


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_nothing_is_sent_that_no_message_caused(steps: Sequence[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = asyncio.run(live(steps, Path(folder)))

    causes = world.channel.causes
    assert len(causes) == len(set(causes)), "nothing twice"
    assert set(causes) <= {str(number) for number in range(1, len(world.written) + 1)}
    assert sum(LETTER in text for text in world.channel.sent) <= sum(kind == "letter" for kind, _ in steps)
    if world.written and world.written[-1] == "stop" and world.channel.sent:
        assert STOPPED in world.channel.sent[-1] or STOPPED not in " ".join(world.channel.sent)


def test_what_is_put_off_is_sent_once_it_can_be_and_what_is_unsure_is_not(tmp_path: Path) -> None:
    steps = [("says", "hello"), ("puts off", ""), ("says", "in Kampot"), ("fails", ""), ("says", "skip"), ("says", "2")]
    world = asyncio.run(live(steps, tmp_path))

    assert world.channel.causes == ["1", "2", "3", "4"]
    assert len(world.channel.sent) == 3
