"""Two versions work on one database while replicas are replaced one by one: migrations only add."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from storage.store import Store
from storage.tables import metadata
from tests.fakes.hotline import FakeHotline
from tests.fakes.postgres import Postgres
from tests.running import Running, WebReporter, eventually
from tests.storage.test_migrations import configured

DANGER = "they will sell us tonight, we are in Bavet"
FIRST_WITH_REPLICAS = "0003"
"""Before it one process worked on one file, and was stopped for an upgrade."""


def columns(engine: Engine) -> Mapping[tuple[str, str], tuple[str, bool]]:
    """Give each column's type and whether it may be left out of an insert."""
    found = inspect(engine)
    return {
        (table, column["name"]): (str(column["type"]), column["nullable"] or column["default"] is not None)
        for table in found.get_table_names()
        if not table.startswith("pgqueuer")
        for column in found.get_columns(table)
    }


def revisions() -> list[tuple[str, str]]:
    """Give each migration with the one before it, from the first that replicas saw."""
    known = list(ScriptDirectory.from_config(configured("")).walk_revisions())
    return [(str(one.down_revision), one.revision) for one in known if one.revision >= FIRST_WITH_REPLICAS]


@pytest.mark.parametrize(("before", "after"), revisions())
def test_a_migration_adds_and_changes_nothing_that_older_code_writes(
    before: str, after: str, tmp_path: Path, on_each_store: dict[str, str]
) -> None:
    url = on_each_store.get("database_url", f"sqlite:///{tmp_path / 'a.sqlite'}")
    engine = Store(url).engine
    config = configured(url)
    found = []
    for revision in (before, after):
        with engine.begin() as db:
            config.attributes["connection"] = db
            command.upgrade(config, revision)
        found.append(columns(engine))
    old, new = found
    engine.dispose()

    assert {name: new.get(name) for name in old} == old, "what was there stays as it was"
    tables = {table for table, _ in old}
    added = {name: may_be_left_out for name, (_, may_be_left_out) in new.items() if name not in old}
    assert [name for name, may_be_left_out in added.items() if name[0] in tables and not may_be_left_out] == []


def of_the_next_version(engine: Engine) -> None:
    """Do what a migration of a later version would: a table, and a column in every table."""
    with engine.begin() as db:
        for table in metadata.tables:
            db.execute(text(f"ALTER TABLE {table} ADD COLUMN later INTEGER DEFAULT 7"))
        db.execute(text("CREATE TABLE of_later (id INTEGER PRIMARY KEY)"))
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))


async def test_this_code_goes_on_and_starts_on_tables_of_a_later_version(
    tmp_path: Path, postgres: Postgres, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    shared = {**to_hotline, "database_url": postgres.new_database(), "data_key": "A" * 43 + "="}
    async with Running(tmp_path / "a", **shared) as service:
        somebody = await WebReporter(service.url).begin()
        await somebody.say(DANGER)
        await asyncio.to_thread(of_the_next_version, Store(shared["database_url"]).engine)
        await somebody.say("12 people")
        async with Running(tmp_path / "b", **shared) as another:
            elsewhere = await WebReporter(another.url).begin()
            await elsewhere.say(DANGER)
            await eventually(lambda: len(hotline.arrived) == 3)

    assert len(hotline.tickets) == 2


@pytest.mark.parametrize("revision", ["0001", "0002"])
async def test_a_database_of_an_older_version_is_brought_up_and_loses_nothing(
    revision: str, tmp_path: Path, to_hotline: dict[str, str], on_each_store: dict[str, str], hotline: FakeHotline
) -> None:
    hotline.status = 503
    key = "A" * 43 + "="
    kept = {**to_hotline, **on_each_store, "data_key": key}
    async with Running(tmp_path / "state", **kept) as service:
        somebody = await WebReporter(service.url).begin()
        await somebody.say(DANGER)
        await service.kill()
        url = on_each_store.get("database_url", f"sqlite:///{tmp_path / 'state' / 'quietline.sqlite'}")
        await asyncio.to_thread(_down_to, Store(url, b"\0" * 32), revision)
        hotline.status = 204
        await service.start()
        await eventually(lambda: hotline.arrived)
        await somebody.say("12 people")
        await eventually(lambda: len(hotline.arrived) == 2)

    (ticket,) = hotline.tickets.values()
    assert hotline.words(ticket) == [DANGER, "12 people"]


def _down_to(store: Store, revision: str) -> None:
    config = configured("")
    with store.engine.begin() as db:
        config.attributes["connection"] = db
        command.downgrade(config, revision)
    store.close()
