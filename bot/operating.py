"""What an operator does to a stopped or running service: look, try again, copy, put back."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from bot import state
from bot.channels.capabilities import Capabilities, Place
from bot.channels.table import abilities, unknown, variables_of
from bot.errors import SettingsError
from bot.i18n.languages import LANGUAGES
from bot.service import Service
from bot.settings import PREFIX, Settings
from storage import backup, inbox, outbox
from storage.journal import Journal
from storage.store import Store

MOST_APART = timedelta(seconds=30)
"""Between this machine's clock and PostgreSQL's: deadlines are set by one and swept by another."""
_TRIES_AGAIN = "`retry`, called as this `check` was, tries them again"


async def check(service: Service) -> tuple[list[str], bool]:
    """Say what is configured, what waits for a person and what does not work; and whether all is well."""
    lines, well = [f"Channels   {', '.join(service.channels)}"], True
    unread = [code for code, language in LANGUAGES.items() if not language.reviewed_by]
    lines.append(f"Languages  {len(LANGUAGES)}; machine-written, read by no speaker yet: {', '.join(unread) or 'none'}")
    for name, ask in service.parts().items():
        if _is_outside(service, name):
            answers = await ask()
            lines.append(f"{name.ljust(10)} {'answers' if answers else 'DOES NOT ANSWER'}")
            well = well and answers
    for name, channel in service.channels.items():
        health = await channel.health()
        if health.fault:
            lines.append(f"{name.ljust(10)} {health.fault.value} ({health.pending} updates wait)")
        well = well and not health.fault
    lines += [f"UNKNOWN    {name}: no channel has this variable" for name in unknown(service.settings)]
    for line in await service.store.run(_stuck):
        lines.append(line)
        well = False
    return lines, well


_PLACES = {Place.OWN: "button", Place.BESIDE: "button", Place.LINK: "link", Place.PAGE: "page"}


def table_of_channels(settings: Settings) -> list[tuple[str, ...]]:
    """Give what every channel can do, a row each, the first with titles."""
    titles = ("channel", "", "text", "choices", "place", "speaks", "deletes")
    return [titles, *((name, is_on(settings, name), *_can(can)) for name, can in abilities().items())]


def is_on(settings: Settings, name: str) -> str:
    """Say whether every variable of a channel is set."""
    given = {f"{PREFIX}{key.upper()}" for key in settings.accounts}
    given |= {f"{PREFIX}TELEGRAM_TOKEN"} if settings.telegram_token else set()
    return "on" if given.issuperset(variables_of(name)) else "off"


def _can(can: Capabilities) -> tuple[str, ...]:
    menus = [f"{menu.most} {menu.style}" for menu in can.menus]
    hours = f"for {can.window / timedelta(hours=1):.0f} h" if can.window else "always"
    burst = f", {can.burst} messages" if can.burst else ""
    deletes = "both sides" if can.erases else "its page" if can.clears else "nothing"
    return f"{can.max_text:,}", ", ".join([*menus, "numbers"]), _PLACES[can.place], hours + burst, deletes


def _is_outside(service: Service, name: str) -> bool:
    """What the service brings itself does not run now."""
    return not (name == "nlu" and service.beside) and not (name == "hotline" and service.desk)


def _stuck(db: Connection) -> list[str]:
    """Say what waits for a person."""
    found = []
    (_, updates), (_, tickets) = inbox.size(db), outbox.size(db)
    if updates:
        found.append(f"PARKED     {updates} updates could not be worked on: {_TRIES_AGAIN}")
    if tickets:
        found.append(f"PARKED     {tickets} deliveries were refused for good: {_TRIES_AGAIN}")
    if db.dialect.name == "postgresql":
        there = db.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(datetime.now(UTC) - there) > MOST_APART:
            found.append("CLOCK      this machine's clock and the database's are apart: set both by a time server")
    return found


def retry(store: Store) -> tuple[int, int]:
    """Let parked updates and deliveries be tried again; give how many of each."""

    def work(db: Connection) -> tuple[int, int]:
        return inbox.retry(db), len(outbox.retry(db, datetime.now(UTC)))

    return store.run_now(work)


def make_copy(settings: Settings, copy: Path) -> None:
    """Copy the SQLite database, running or not; the journal lets go of what the copy before holds.

    Raises:
        SettingsError: There is no such database, or the copy cannot be written.
    """
    begun = datetime.now(UTC)
    backup.make(_sqlite_file(settings), copy, state.data_key(settings))
    if settings.journal_dir:
        Journal(settings.journal_dir).copied(begun)


def put_back(settings: Settings, copy: Path) -> int:
    """Put a copy in the place of the SQLite database of a service that does not run, and replay the journal.

    Returns:
        How many updates the journal held that the copy did not know.

    Raises:
        SettingsError: The service runs, or the copy is not to be used; nothing is changed then.
    """
    state.make_folder(settings)
    with alone(settings):
        backup.put_back(copy, _sqlite_file(settings), state.data_key(settings))
        return _replay(settings, settings.journal_dir) if settings.journal_dir else 0


def _replay(settings: Settings, journal: Path) -> int:
    store = Store(state.database_url(settings), state.data_key(settings))
    try:
        store.migrate()
        return store.run_now(Journal(journal).replay, datetime.now(UTC))
    finally:
        store.close()


def _sqlite_file(settings: Settings) -> Path:
    file = state.database_file(settings)
    if file is None:
        raise SettingsError("PostgreSQL has its own tools for this: see docs/operations.md, Backing up")
    return file


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only process on an SQLite database, for as long as the block lasts.

    Raises:
        SettingsError: Another one is at work.
    """
    if state.database_file(settings) is None:
        yield
        return
    descriptor = os.open(settings.state_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SettingsError("QUIETLINE_STATE_DIR: another process works on this database") from None
    finally:
        os.close(descriptor)
