"""A real PostgreSQL server of the tests' own: made, started, killed, removed."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg

from tests.running import free_port


def binaries() -> Path:
    """Give the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    assert found, "no PostgreSQL: run ./setup.sh tests"
    return found[-1].parent


class Postgres:
    """One cluster on loopback."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder, self.port = folder, free_port()
        self._options = [
            *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}", "-c", f"unix_socket_directories={folder}"),
            *options,
        ]
        self.process: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([binaries() / program, *arguments], check=True, capture_output=True, **as_postgres())

    def start(self, environment: Mapping[str, str] | None = None, options: Sequence[str] = ()) -> None:
        """Start it, and wait until it answers; after a kill it recovers first."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [binaries() / "postgres", "-D", self.data, *self._options, *options],
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                **as_postgres(),
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres").replace("+psycopg", ""), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """As a power cut: the server and its children, at once."""
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for process in [self.process.pid, *map(int, children)]:
            with _gone_is_fine():
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; gives its address."""
        name = f"q{uuid4().hex}"
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


def as_postgres() -> dict[str, object]:
    """The server does not run as root."""
    if os.getuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def own_folder(folder: Path) -> Path:
    """Make a folder that the server may write."""
    folder.mkdir(mode=0o700)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    return folder


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return


@contextmanager
def running(options: Sequence[str] = ()) -> Iterator[Postgres]:
    """Run a server in a folder that its own user may read."""
    folder = Path(mkdtemp(prefix="quietline-postgres-"))
    folder.chmod(0o755)
    postgres = Postgres(folder, options)
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
