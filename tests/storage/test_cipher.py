"""A plain file of an older version is encrypted once, whoever else opens it."""

import multiprocessing
from pathlib import Path

from sqlalchemy import text

from storage.store import Store

KEY = b"k" * 32
AT_ONCE = 6


def opened(url: str, all_are_here: "multiprocessing.synchronize.Barrier") -> None:
    all_are_here.wait()
    store = Store(url, KEY)
    with store.engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM somewhere")) == 20_000
    store.close()


def test_processes_that_open_a_plain_file_at_once_encrypt_it_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    plain = Store(url)
    with plain.engine.begin() as db:
        db.execute(text("CREATE TABLE somewhere (words)"))
        db.execute(text("INSERT INTO somewhere VALUES (:words)"), [{"words": "x" * 500}] * 20_000)
    plain.close()
    forks = multiprocessing.get_context("fork")
    barrier = forks.Barrier(AT_ONCE)
    processes = [forks.Process(target=opened, args=(url, barrier)) for _ in range(AT_ONCE)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * AT_ONCE
    assert not (tmp_path / "a.sqlite").read_bytes().startswith(b"SQLite format 3")
