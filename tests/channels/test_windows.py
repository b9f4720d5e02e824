"""In the hours that a reporter chose, their channel's window is asked before a question goes out; else it waits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.channels.pulled import pack
from bot.errors import SendNever
from bot.interview.letters import CAMBODIA
from storage import letters, sessions
from tests.channels.test_outbound_gate import LETTER, World
from tests.running import eventually

HOURS = {"morning": 6, "afternoon": 12, "evening": 18, "night": 22}


def not_now() -> tuple[str, datetime]:
    """Give hours that do not run now (the longest run eight), and when they begin: nothing is due before."""
    now = datetime.now(CAMBODIA)
    begins = {name: now.replace(hour=hour, minute=0, second=0, microsecond=0) for name, hour in HOURS.items()}
    ahead = {name: at if at > now else at + timedelta(days=1) for name, at in begins.items()}
    name = max((name for name in ahead if ahead[name] - now < timedelta(hours=16)), key=lambda name: ahead[name])
    return name, ahead[name].astimezone(UTC)


class Waiting:
    """Somebody who chose hours, and for whom a question waits."""

    def __init__(self, world: World, ticket_id: UUID, at: datetime) -> None:
        self.world, self.ticket_id, self.at = world, ticket_id, at

    async def is_given(self, later: timedelta = timedelta()) -> bool:
        await self.world.drawer.give_in_hours(self.at + later)
        return not self.world.store.run_now(letters.waiting, self.ticket_id)


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncIterator[Waiting]:
    world, (hours, at) = World(tmp_path), not_now()
    key = world.vault.address_key("console", "somebody")
    await world.write("in Kampot, they beat us", "1")
    await world.reception.accept(world.channel, [pack("somebody", "2", {"choice": f"contact:{hours}"})])
    await eventually(lambda: len(world.channel.sent) == 2)
    held = world.store.run_now(sessions.load, key)
    assert held
    await world.drawer.put(held.session.ticket_id, "letter", LETTER)
    yield Waiting(world, held.session.ticket_id, at)
    await world.stop()
    world.store.close()


async def test_it_goes_where_there_is_no_window(waiting: Waiting) -> None:
    assert await waiting.is_given(later=timedelta(days=3))


async def test_it_goes_within_the_window_and_waits_after_it(waiting: Waiting) -> None:
    channel = waiting.world.channel
    channel.capabilities = replace(channel.capabilities, window=timedelta(hours=24))

    assert not await waiting.is_given(later=timedelta(days=1))
    assert await waiting.is_given()


async def test_it_waits_where_it_would_be_one_message_too_many(waiting: Waiting) -> None:
    channel = waiting.world.channel
    channel.capabilities = replace(channel.capabilities, burst=1)

    assert not await waiting.is_given()
    channel.capabilities = replace(channel.capabilities, burst=5)
    assert await waiting.is_given()


async def test_what_waited_comes_with_the_answer_to_their_next_message(waiting: Waiting) -> None:
    channel = waiting.world.channel
    channel.capabilities = replace(channel.capabilities, window=timedelta(hours=1))
    assert not await waiting.is_given(later=timedelta(days=2))
    await waiting.world.write("still here", "3")

    await eventually(lambda: any(LETTER in text for text in channel.sent))


async def test_what_the_channel_refused_waits_for_their_next_message_and_not_for_the_hour(waiting: Waiting) -> None:
    world = waiting.world
    world.channel.next_error = SendNever("blocked")
    await world.write("hello?", "3")
    await eventually(lambda: any(held.unsaid for held in world.store.run_now(letters.waiting, waiting.ticket_id)))
    assert not await waiting.is_given()
    await world.write("still here", "4")

    await eventually(lambda: any(LETTER in text for text in world.channel.sent))
    assert not world.store.run_now(letters.waiting, waiting.ticket_id)
