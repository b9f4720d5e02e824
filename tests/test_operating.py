"""An operator's commands: what was set aside is tried again, a copy is made and put back, one process a database."""

from pathlib import Path

import pytest

from bot import state
from bot.operating import make_copy
from bot.settings import Settings
from storage.store import Store
from tests.fakes.hotline import FakeHotline
from tests.fakes.postgres import Postgres
from tests.running import Running, WebReporter, eventually, quietline

DANGER = "they will sell us tonight, we are in Bavet"


async def report(service: Running) -> WebReporter:
    somebody = await WebReporter(service.url).begin()
    await somebody.say(DANGER)
    return somebody


async def test_what_a_hotline_refused_for_good_is_shown_and_tried_again_by_a_person(
    tmp_path: Path, to_hotline: dict[str, str], on_each_store: dict[str, str], hotline: FakeHotline
) -> None:
    settings = {"state_dir": str(tmp_path / "state"), **to_hotline, **on_each_store}
    hotline.status = 410
    async with Running(tmp_path / "state", **to_hotline, **on_each_store) as service:
        await report(service)
        await eventually(lambda: service.metric('quietline_waiting{queue="outbox_parked"}', 1.0))
        code, said, _ = await quietline("check", **settings)
        hotline.status = 204
        _, tried, _ = await quietline("retry", **settings)
        await eventually(lambda: hotline.arrived)

    assert code == 1
    assert "1 deliveries were refused" in said
    assert "1 deliveries" in tried


async def test_a_copy_made_while_it_runs_is_put_back_and_goes_on(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    settings = {"state_dir": str(tmp_path / "state"), **to_hotline}
    hotline.status = 503
    async with Running(tmp_path / "state", **to_hotline) as service:
        somebody = await report(service)
        code, _, err = await quietline("backup", tmp_path / "copy", **settings)
        assert (code, err) == (0, "")
        refused, _, why = await quietline("restore", tmp_path / "copy", **settings)
        assert (refused, "another process" in why) == (2, True)
        await service.kill()
        (tmp_path / "state" / "quietline.sqlite").write_bytes(b"a disk that died")
        code, _, err = await quietline("restore", tmp_path / "copy", **settings)
        assert (code, err) == (0, "")
        hotline.status = 204
        await service.start()
        await eventually(lambda: hotline.arrived)
        said = await somebody.say("12 people")

    (ticket,) = hotline.tickets.values()
    assert hotline.words(ticket)[0] == DANGER
    assert said["replies"]


async def test_a_copy_and_the_journal_bring_back_everything_that_was_accepted(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    (tmp_path / "other disk").mkdir()
    journaled = {**to_hotline, "journal_dir": str(tmp_path / "other disk")}
    settings = {"state_dir": str(tmp_path / "state"), **journaled}
    async with Running(tmp_path / "state", **journaled) as service:
        before = await report(service)
        assert (await quietline("backup", tmp_path / "copy", **settings))[0] == 0
        hotline.status = 503
        await before.say("12 people")
        crowd = [await report(service) for _ in range(5)]
        await service.kill()
        hotline.status = 204
        code, said, _ = await quietline("restore", tmp_path / "copy", **settings)
        await service.start()
        await eventually(lambda: len(hotline.tickets) == 1 + len(crowd))
        await eventually(lambda: any("12 people" in hotline.words(t) for t in hotline.tickets.values()))

    assert code == 0
    assert "came from the journal" in said
    assert not any("sell" in file.read_text() for file in (tmp_path / "other disk").iterdir())


@pytest.mark.parametrize("folder", ["/proc", "/nowhere"])
async def test_a_journal_that_cannot_be_written_is_told_at_the_start(
    folder: str, tmp_path: Path, to_hotline: dict[str, str]
) -> None:
    """Nobody may write into /proc, not even root."""
    code, _, err = await quietline(
        "run", state_dir=str(tmp_path / "state"), journal_dir=folder, http_port="0", **to_hotline
    )

    assert code == 2
    assert "QUIETLINE_JOURNAL_DIR" in err


def test_the_journal_keeps_what_only_the_newest_copy_holds(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, journal_dir=tmp_path)
    store = Store(state.database_url(settings), state.data_key(settings))
    store.migrate()
    store.close()
    hour = tmp_path / "updates-2026-11-25T10.jsonl"
    hour.touch()
    make_copy(settings, tmp_path / "first")
    assert hour.exists()
    make_copy(settings, tmp_path / "second")

    assert not hour.exists()


async def test_a_journal_beside_postgresql_is_refused(tmp_path: Path, to_hotline: dict[str, str]) -> None:
    """It would be written and never read, and keep what people erased."""
    places = {"state_dir": str(tmp_path / "state"), "journal_dir": str(tmp_path)}
    code, _, err = await quietline(
        "run", database_url="postgresql://127.0.0.1:9/none", http_port="0", **places, **to_hotline
    )

    assert code == 2
    assert "QUIETLINE_JOURNAL_DIR" in err


async def test_a_damaged_copy_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"no database at all" * 400)
    code, _, err = await quietline("restore", tmp_path / "copy", state_dir=str(tmp_path / "state"))

    assert code == 2
    assert "damaged" in err
    assert not (tmp_path / "state" / "quietline.sqlite").exists()


async def test_postgresql_is_backed_up_by_its_own_tools(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    code, _, err = await quietline("backup", tmp_path / "copy", state_dir=str(tmp_path), database_url=url)

    assert code == 2
    assert "its own tools" in err


async def test_a_second_process_on_one_sqlite_file_says_so(tmp_path: Path, to_hotline: dict[str, str]) -> None:
    async with Running(tmp_path / "state", **to_hotline):
        code, _, err = await quietline("run", state_dir=str(tmp_path / "state"), http_port="0", **to_hotline)

    assert code == 2
    assert "another process" in err


async def test_another_data_key_does_not_open_the_database(tmp_path: Path, to_hotline: dict[str, str]) -> None:
    async with Running(tmp_path / "state", **to_hotline):
        pass
    (tmp_path / "state" / "data.key").write_text("A" * 43 + "=")
    code, _, err = await quietline("run", state_dir=str(tmp_path / "state"), http_port="0", **to_hotline)

    assert code == 2
    assert "QUIETLINE_DATA_KEY" in err


async def test_a_plain_database_of_an_older_version_is_encrypted_where_it_stands(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "data.key").write_text("A" * 43 + "=")
    file = tmp_path / "state" / "quietline.sqlite"
    plain = Store(f"sqlite:///{file}")
    plain.migrate()
    plain.close()
    assert file.read_bytes().startswith(b"SQLite format 3")
    async with Running(tmp_path / "state", **to_hotline) as service:
        await report(service)
        await eventually(lambda: hotline.arrived)

    assert not file.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("command", ["retry", "backup", "restore", "desk"])
async def test_each_command_explains_itself(command: str) -> None:
    code, said, _ = await quietline(command, "--help")

    assert code == 0
    assert command in said
