"""PostgreSQL: a base backup, and the log as it is written on another disk, bring back everything acknowledged."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes import postgres as postgreses
from tests.fakes.hotline import FakeHotline
from tests.fakes.postgres import Postgres, as_postgres, binaries
from tests.running import Running, WebReporter, eventually

DANGER = "they will sell us tonight, we are in Bavet"
SYNCHRONOUS = ("-c", "synchronous_standby_names=log")
"""A commit returns once the log is on the other disk too (docs/operations.md, Backup and restore)."""


@contextmanager
def receiving(server: Postgres, folder: Path) -> Iterator[None]:
    """Write the log to another disk as it is made."""
    address = f"host=127.0.0.1 port={server.port} user=postgres application_name=log"
    process = subprocess.Popen(
        [binaries() / "pg_receivewal", "-D", folder, "--synchronous", "--no-loop", "-d", address], **as_postgres()
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def base_backup(server: Postgres, folder: Path) -> None:
    address = f"host=127.0.0.1 port={server.port} user=postgres"
    arguments = ["-D", str(folder), "-d", address, "--checkpoint=fast", "--wal-method=none"]
    subprocess.run([binaries() / "pg_basebackup", *arguments], check=True, capture_output=True, **as_postgres())


def put_back(server: Postgres, base: Path, log: Path) -> None:
    """Unpack the base backup into an empty data folder, and let the server take the log from the other disk."""
    for torn in log.glob("*.partial"):
        torn.rename(torn.with_suffix(""))
    shutil.rmtree(server.data)
    shutil.copytree(base, server.data, copy_function=shutil.copy2)
    (server.data / "recovery.signal").touch()
    with (server.data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {log}/%f %p'\nsynchronous_standby_names = ''\n")
    subprocess.run(["chown", "-R", "--reference", log, server.data], check=True)
    server.data.chmod(0o700)


async def test_a_base_backup_and_the_streamed_log_bring_back_everything(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    hotline.status = 503
    with postgreses.running() as server:
        log, base = (postgreses.own_folder(server.folder / name) for name in ("wal", "base"))
        shared = {**to_hotline, "database_url": server.new_database()}
        async with Running(tmp_path / "a", **shared) as service:
            with receiving(server, log):
                await asyncio.to_thread(base_backup, server, base)
                server.stop()
                server.start(options=SYNCHRONOUS)
                with receiving(server, log):
                    crowd = [await WebReporter(service.url).begin() for _ in range(8)]
                    for somebody in crowd:
                        await somebody.say(DANGER)
                    server.kill()
            await asyncio.to_thread(put_back, server, base, log)
            await asyncio.to_thread(server.start)
            hotline.status = 204
            await eventually(lambda: len(hotline.tickets) == len(crowd), 90)
            await crowd[0].say("12 people")

    assert all(hotline.words(ticket)[0] == DANGER for ticket in hotline.tickets.values())
