"""What goes wrong, one function each; what it needs; and how many runs of a thousand it gets on each store."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bench.power import Kind
from bench.receiver import TROUBLES
from bench.world import Needs, World
from tests.fakes.telegram.faults import Fault as TelegramFault
from tests.fakes.telegram.faults import Kind as TelegramKind

TAKEOVER_SECONDS: Final = 30.0
_PATIENCE_SECONDS: Final = 10.0
_NEW_WORK_SHARE: Final = 0.3
_TROUBLE_SHARE: Final = 0.15
_CUTS: Final[tuple[Kind, ...]] = ("dropped", "torn", "kept")
_JUMPS: Final = (timedelta(hours=3), timedelta(days=2), timedelta(days=40))

type Strike = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One kind. `sqlite` and `postgresql`: runs of a thousand."""

    strike: Strike
    sqlite: int
    postgresql: int
    needs: Needs = Needs()


async def _under_way(world: World) -> None:
    """Wait for some messages to be accepted, and a moment more, so that a fault meets work of every kind."""
    await world.load.accepts(world.random.randint(1, 6), _PATIENCE_SECONDS)
    await asyncio.sleep(world.random.uniform(0.0, 0.1))


async def killed(world: World) -> None:
    """Kill a service at work, with the hotline in trouble now and then."""
    await world.all_up()
    trouble = world.random.random() < _TROUBLE_SHARE
    world.hotline.trouble = world.random.choice(TROUBLES) if trouble else "none"
    await _under_way(world)
    await world.service.kill()
    world.service.start()


async def killed_while_starting(world: World) -> None:
    """Kill a service at any moment of its start, or just after; now and then with new work to begin with."""
    if world.random.random() < _NEW_WORK_SHARE:
        await killed(world)
    await asyncio.sleep(world.random.uniform(0.0, 0.4))
    await world.service.kill()
    world.service.start()


async def killed_twice(world: World) -> None:
    """Kill a service at work, and again while it comes back."""
    await killed(world)
    await killed_while_starting(world)


async def power_cut(world: World) -> None:
    """Kill everything, the database server too, and lose what was not synced."""
    await world.all_up()
    await _under_way(world)
    await world.cut_power(world.random.choice(_CUTS))


async def disk_full(world: World) -> None:
    """Let the disk be full for a moment."""
    await world.all_up()
    await _under_way(world)
    world.switch("full", world.random.choice(("", "growth")))
    await asyncio.sleep(world.random.uniform(0.05, 1.0))
    world.switch("full", None)


async def clock_jumps(world: World) -> None:
    """Move the clock for a moment, within a service's life or across its restart."""
    await world.all_up()
    by = world.random.choice(_JUMPS) * world.random.choice((1, -1))
    world.switch("clock", str(by.total_seconds()))
    await _under_way(world)
    across = world.random.random() < 0.5
    if across:
        await world.service.kill()
    world.switch("clock", None)
    if across:
        world.service.start()


async def hotline_down(world: World) -> None:
    """Let the hotline refuse, fail, ask for patience, lose its answers or be slow."""
    await world.all_up()
    world.hotline.trouble = world.random.choice(TROUBLES)
    await _under_way(world)
    world.hotline.trouble = "none"
    await asyncio.sleep(world.random.uniform(0.0, 0.2))


async def telegram_down(world: World) -> None:
    """Let some of Telegram's answers to us fail, each in one of the ways it can."""
    await world.all_up()
    for method in ("sendMessage", "getFile"):
        if world.telegram.faults.waiting(method):
            continue  # trouble passes: what is asked for once more is had in the end
        kind = world.random.choice([kind for kind in TelegramKind if kind is not TelegramKind.DELAYED])
        world.telegram.faults.plan(TelegramFault(method, kind, world.random.randint(1, 4)))
    await _under_way(world)


async def server_killed(world: World) -> None:
    """Kill PostgreSQL, all of its processes, and start it again while the service lives on."""
    assert world.postgres  # noqa: S101 - only there
    await world.all_up()
    await _under_way(world)
    await asyncio.to_thread(world.postgres.kill)
    await asyncio.sleep(world.random.uniform(0.0, 0.3))
    await asyncio.to_thread(world.postgres.start)


async def network_cut(world: World) -> None:
    """Close every connection to the database, and let none be made for a moment."""
    await world.all_up()
    await _under_way(world)
    world.wires[0].cut()
    await asyncio.sleep(world.random.uniform(0.0, 0.6))
    world.wires[0].mend()


async def network_silent(world: World) -> None:
    """Let nothing through to the database for some seconds, without a word; then go on, or forget what was open."""
    await world.all_up()
    await _under_way(world)
    world.wires[0].hold()
    await asyncio.sleep(world.random.uniform(0.5, 6.0))
    world.wires[0].mend(forget=world.random.random() < 0.5)


async def replica_killed(world: World) -> None:
    """Kill one service of two: the other delivers all that was accepted."""
    number = await _with_work(world)
    await world.replicas[number].kill()
    await _taken_over(world, number)
    world.replicas[number].start()


async def replica_silent(world: World) -> None:
    """Cut one service of two off from the database, without a word: the other delivers all that was accepted."""
    number = await _with_work(world)
    world.wires[number].hold()
    await _taken_over(world, number)
    world.wires[number].mend(forget=world.random.random() < 0.5)


async def _with_work(world: World) -> int:
    """Let each service accept something that the hotline does not take yet; give which one is struck."""
    await world.all_up()
    world.load.writing.set()
    world.hotline.trouble = "500"
    number = world.random.randrange(len(world.replicas))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _held_by(world, number) and time.monotonic() < deadline:
        await _under_way(world)
    return number


def _held_by(world: World, number: int) -> set[str]:
    """Give what one service accepted and the hotline does not have."""
    port, accepted = world.replicas[number].port, world.load.ledger.accepted
    return {marker for marker, held in accepted.items() if held.port == port} - world.hotline.seen.keys()


async def _taken_over(world: World, number: int) -> None:
    """Measure the time until the hotline has all that one service had accepted; nobody writes meanwhile.

    With reporters at rest both time and the check are about the takeover alone.
    """
    began = time.monotonic()
    world.load.writing.clear()
    world.hotline.trouble = "none"
    left = _held_by(world, number)
    world.taken_over += len(left)
    took = await world.seen(left, 2 * TAKEOVER_SECONDS)
    world.failed_takeovers += took is None or took > TAKEOVER_SECONDS
    world.longest_takeover = max(world.longest_takeover, time.monotonic() - began)
    world.load.writing.set()


FAULTS: Final[Mapping[str, Fault]] = {
    "killed": Fault(killed, 550, 450),
    "killed while starting": Fault(killed_while_starting, 110, 80),
    "killed twice": Fault(killed_twice, 80, 60),
    "power cut": Fault(power_cut, 100, 75, Needs(layer=True)),
    "disk full": Fault(disk_full, 30, 20, Needs(layer=True)),
    "clock jumps": Fault(clock_jumps, 30, 30, Needs(layer=True)),
    "hotline down": Fault(hotline_down, 75, 75),
    "Telegram down": Fault(telegram_down, 25, 25),
    "PostgreSQL killed": Fault(server_killed, 0, 80),
    "network cut": Fault(network_cut, 0, 80, Needs(wire=True)),
    "network silent": Fault(network_silent, 0, 10, Needs(wire=True)),
    "replica killed": Fault(replica_killed, 0, 10, Needs(replicas=2)),
    "replica silent": Fault(replica_silent, 0, 5, Needs(replicas=2, wire=True)),
}


def needs_of(names: Iterable[str]) -> Needs:
    """Give what a series of several faults needs."""
    needs = [FAULTS[name].needs for name in names]
    return Needs(
        replicas=max(need.replicas for need in needs),
        wire=any(need.wire for need in needs),
        layer=any(need.layer for need in needs),
    )
