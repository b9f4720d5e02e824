"""What cannot be done now is not asked for again at once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.errors import NotNow
from bot.pacing import DueLoop
from tests.running import eventually


async def test_what_somebody_else_is_at_rests_and_holds_nothing_else_up() -> None:
    tries: list[str] = []
    waiting = [*(f"elsewhere {number}" for number in range(4)), "ours"]

    async def ahead(most: int) -> Sequence[tuple[str, datetime]]:
        return [(name, datetime.now(UTC)) for name in waiting][:most]

    async def attempt(name: str) -> None:
        tries.append(name)
        if name != "ours":
            raise NotNow(30)
        waiting.remove(name)

    loop = DueLoop[str](ahead, attempt, at_once=1)
    running = asyncio.create_task(loop.run())
    await eventually(lambda: "ours" in tries)
    loop.wake()
    await asyncio.sleep(0.2)
    running.cancel()

    assert sorted(tries) == ["elsewhere 0", "elsewhere 1", "elsewhere 2", "elsewhere 3", "ours"]
