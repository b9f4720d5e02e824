"""One replica that only accepts, for some seconds: `python -m bench.accepting ADDRESS SECONDS`; prints how many.

Begins when a line comes on its standard input, so that several begin together.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from bench.throughput import AT_ONCE, accepted, settings
from bot import logs
from bot.service import Service


async def accept(address: str, seconds: float) -> float:
    """Give messages a second at sixteen writers."""
    with tempfile.TemporaryDirectory() as folder:
        async with Service(settings(Path(folder) / "state", "http://127.0.0.1:9", address)) as service:
            await accepted(service, AT_ONCE, 0.5)  # statements are compiled
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            return await accepted(service, AT_ONCE, seconds)


if __name__ == "__main__":
    logs.set_up(level=40)
    print(asyncio.run(accept(sys.argv[1], float(sys.argv[2]))))
