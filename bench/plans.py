"""Which statements of ours read a whole table: every statement of a service at work, explained on a full database.

`uv run python -m bench.plans [--store both] [--tickets 100000] [--quick]`. A report is written, answered, erased, swept
and cleaned up; each statement is explained once, with what it was first called with.
"""

import argparse
import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, event

from bench import growth, throughput
from bench.filling import Wanted
from bench.growth import place
from bench.machine import machine
from bench.sink import Sink
from bot import logs
from bot.channels.pulled import pack
from bot.model.codes import Handling
from bot.service import Service

_SHORT = frozenset({"inbox", "letters", "tries", "marks", "alembic_version"})
"""Tables that stay small."""
_SCANS = {
    "sqlite": re.compile(r"SCAN (\w+)(?! VIRTUAL)"),
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
}
_TALK = ("they took our passports in Bavet, 12 people", "white building, 4th floor", "skip", "no", "receipt", "erase")

type Seen = dict[str, Any]


@contextmanager
def noting(engine: Engine) -> Iterator[Seen]:
    """Note every statement, with its first parameters."""
    seen: Seen = {}

    def note(*args: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        _, _, statement, parameters, _, many = args
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            seen.setdefault(statement, parameters[0] if many and isinstance(parameters, list) else parameters)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def at_work(service: Service, _: Sink) -> dict[str, list[str]]:
    """Let a service do all that it does; then explain what it asked."""
    with noting(service.store.engine) as seen:
        await _talk(service)
        await service.sweeper.sweep()
        await service.store.run(growth._age, 200)  # noqa: SLF001 - the same preparation
        await service.sweeper._clean(datetime.now(UTC))  # noqa: SLF001 - else only after an hour
        await asyncio.sleep(6)  # counting and looking out
    return await asyncio.to_thread(explained, service.store.engine, seen)


async def _talk(service: Service) -> None:
    channel, user = service.channels["web"], uuid4().hex
    for number, text in enumerate(_TALK):
        await service.answers.answer(channel, pack(user, f"{user}:{number}", {"text": text}))
    ticket = uuid4()
    await service.drawer.put(ticket, "x", "words")
    await service.drawer.handle(ticket, Handling.CLOSED)


def explained(engine: Engine, seen: Seen) -> dict[str, list[str]]:
    """Give the statements that scan a long table, with the lines of their plans that say so."""
    with engine.connect() as db:
        found = {statement: _scans(db, statement, parameters) for statement, parameters in seen.items()}
        db.rollback()
    return {" ".join(statement.split()): lines for statement, lines in found.items() if lines}


def _scans(db: Connection, statement: str, parameters: Any) -> list[str]:  # noqa: ANN401 - the driver's own
    name = db.dialect.name
    word = "EXPLAIN QUERY PLAN " if name == "sqlite" else "EXPLAIN "
    lines = [str(row[-1]).strip() for row in db.exec_driver_sql(word + statement, parameters)]
    return [line for line in lines if (found := _SCANS[name].search(line)) and found[1] not in _SHORT]


def measured(folder: Path, store: str, options: argparse.Namespace) -> dict[str, list[str]]:
    """Explain on one store."""
    some = options.tickets // 10
    with place(store) as server:
        full, _ = growth.filled(folder, server, Wanted(options.tickets, some, some, 600))
        return asyncio.run(throughput.with_service(full, at_work, turns=True))


def main() -> None:
    """Explain, and print the statements as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="20,000 reports; under a minute")
    options = parser.parse_args()
    logs.set_up(level=40)
    options.tickets = 20_000 if options.quick else options.tickets
    stores = ["sqlite", "postgresql"] if options.store == "both" else [options.store]
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder:
        found = {store: measured(Path(folder), store, options) for store in stores}
    print(json.dumps({"bench": "plans", "tickets": options.tickets, "scans": found, "machine": machine()}))


if __name__ == "__main__":
    main()
