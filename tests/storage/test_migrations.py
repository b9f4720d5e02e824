"""The schema goes up, down and up again, and is what the code says."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import storage
from storage.store import Store
from storage.tables import metadata


def configured(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url)
    return config


def test_up_down_and_up_ends_at_the_tables_of_the_code(tmp_path: Path, on_each_store: dict[str, str]) -> None:
    url = on_each_store.get("database_url", f"sqlite:///{tmp_path / 'a.sqlite'}")
    store = Store(url)
    store.migrate()
    engine = store.engine
    for step in ("base", "head"):
        with engine.begin() as db:
            config = configured(url)
            config.attributes["connection"] = db
            (command.downgrade if step == "base" else command.upgrade)(config, step)
        left = set(inspect(engine).get_table_names()) - {"alembic_version"}
        left = {name for name in left if not name.startswith("pgqueuer")}
        assert left == (set() if step == "base" else set(metadata.tables))
    with engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db, opts={"include_object": _is_ours}), metadata) == []
    store.close()


def _is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    """pgqueuer's tables are made by itself."""
    return not (kind == "table" and (name or "").startswith("pgqueuer"))


def test_sqlite_keeps_what_it_confirmed_and_overwrites_what_it_deletes(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.sqlite'}")
    store.migrate()
    wanted = ("journal_mode", "synchronous", "secure_delete")
    with store.engine.connect() as db:
        found = {name: db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    store.close()

    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
