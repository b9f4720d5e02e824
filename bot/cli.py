"""The commands (`docs/interfaces.md`, "Commands")."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bot import logs, operating, settings, state
from bot.channels.table import variables_of
from bot.console import converse
from bot.embedded import EmbeddedDesk
from bot.errors import QuietlineError, SettingsError
from bot.opening import show
from bot.operating import alone
from bot.service import Job, Service
from bot.settings import Settings
from bot.web.serving import bound, serve
from nlu.beside import INTERPRETER, PORT, server_command
from storage.store import Store

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A reporting line.")
log = structlog.get_logger()


@app.command()
def run() -> None:
    """Run the service, from the environment."""
    asyncio.run(_run(settings.read()))


async def _run(read: Settings) -> None:
    listener = bound(read.http_host, read.http_port, "QUIETLINE_HTTP_PORT")
    port = listener.getsockname()[1]
    state.make_folder(read)
    with alone(read):
        await _serve(read, listener, port)


async def _serve(read: Settings, listener: socket.socket, port: int) -> None:
    async with Service(read) as service:
        logs.watch_loop(asyncio.get_running_loop())
        _announce(service, f"http://{read.http_host}:{port}")
        await _until_signal([service.run, lambda: serve(service.web(), listener)])


def _announce(service: Service, url: str) -> None:
    """Say on stdout where everything is."""
    lines = [f"Web chat   {url}/", f"Channels   {', '.join(service.channels)}"]
    if service.desk:
        key = service.settings.state_dir / state.HOTLINE_KEY_FILE
        lines += [
            f"Desk       {service.desk.url}/",
            f"Its key    {key} (for trying only: a real hotline keeps its own)",
        ]
    for recipient, name in zip(service.recipients, service.fingerprints, strict=True):
        lines.append(f"Sealed to  {recipient} (fingerprint {name})")
    typer.echo("\n".join(lines))
    sys.stdout.flush()


async def _until_signal(jobs: list[Job]) -> None:
    """Run jobs until one fails, or the process is told to end."""
    loop = asyncio.get_running_loop()
    tasks = [asyncio.ensure_future(job()) for job in jobs]
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: [task.cancel() for task in tasks])
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.wait(tasks)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error


@app.command()
def chat(language: Annotated[str, typer.Option(help="Of the conversation, such as km.")] = "") -> None:
    """Have the same conversation in this terminal."""
    asyncio.run(_chat(settings.read(), language or None))


async def _chat(read: Settings, language: str | None) -> None:
    """A database and a desk of its own, so that a service beside it keeps its work and its ports to itself."""
    state.make_folder(read)
    url = None if read.database_url else f"sqlite:///{read.state_dir / 'console.sqlite'}"
    alone = read.model_copy(update={"telegram_token": None, "desk_port": 0})
    async with Service(alone, url) as service:
        if service.desk:
            typer.echo(f"Desk       {service.desk.url}/  (while this conversation lasts)")
        await _until_signal([service.run, lambda: converse(service, language)])


@app.command()
def nlu() -> None:
    """Run the NLU server alone, on the port of QUIETLINE_NLU_URL (5005)."""
    port = urlsplit(settings.read().nlu_url or "").port or PORT
    if not INTERPRETER.exists():
        raise SettingsError("the NLU server's environment is missing: run `make setup`")
    command = server_command(port)
    os.chdir(Path(__file__).resolve().parents[1])
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


@app.command()
def check() -> None:
    """Say what is configured, and whether each outside part answers; exit 1 if one does not."""
    sys.exit(asyncio.run(_check(settings.read())))


async def _check(read: Settings) -> int:
    service = Service(read.model_copy(update={"desk_port": 0}))  # the service beside it has the desk's port
    try:
        service.store.migrate()
        lines, well = await operating.check(service)
    finally:
        await service.aclose()
    typer.echo("\n".join(lines))
    return 0 if well else 1


@app.command()
def channels() -> None:
    """Show what every channel can do, and the variables that turn it on."""
    titles, *rows = operating.table_of_channels(settings.read())
    table = Table(*titles, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    for name, *_ in rows:
        if needed := variables_of(name):
            typer.echo(f"\n{name} is turned on by\n  " + "\n  ".join(needed))


@app.command()
def retry() -> None:
    """Try everything again that was set aside: updates that could not be read, deliveries refused for good."""
    read = settings.read()
    store = Store(state.database_url(read), state.data_key(read))
    try:
        store.migrate()
        updates, deliveries = operating.retry(store)
    finally:
        store.close()
    typer.echo(f"{updates} updates and {deliveries} deliveries are tried again")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where the copy goes; must not be there yet.")]) -> None:
    """Copy the SQLite database to FILE, encrypted as it is, while the service runs or not."""
    operating.make_copy(settings.read(), file)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A copy that `quietline backup` made.")]) -> None:
    """Put a copy in the place of the SQLite database; the service must not run."""
    replayed = operating.put_back(settings.read(), file)
    typer.echo(f"put back; {replayed} updates came from the journal")


@app.command()
def desk() -> None:
    """Run the hotline's desk alone: receives tickets signed with QUIETLINE_HOTLINE_SECRET, and shows them."""
    asyncio.run(_desk(settings.read()))


async def _desk(read: Settings) -> None:
    if not read.secrets:
        raise SettingsError("QUIETLINE_HOTLINE_SECRET: missing, and nothing can be verified without")
    state.make_folder(read)
    alone_desk = EmbeddedDesk(read, read.secrets)
    typer.echo(f"Desk       {alone_desk.url}/")
    sys.stdout.flush()
    await _until_signal([alone_desk.run])


@app.command()
def keygen(file: Annotated[Path, typer.Argument(help="Where the private key goes; must not be there yet.")]) -> None:
    """Make an age key pair for a hotline: the private key to FILE, the public one is printed."""
    private = state.new_private_key()
    try:
        state.write_private(file, private)
    except FileExistsError:
        raise SettingsError("the file is there already; nothing was written") from None
    except OSError:
        raise SettingsError("the file cannot be written") from None
    typer.echo(state.public_key(private))


@app.command(name="open")
def open_(
    file: Annotated[Path, typer.Argument(help="A ticket as the hotline received it, or as the desk gives it.")],
    key: Annotated[Path, typer.Option(help="The hotline's private key file.")],
    files: Annotated[Path | None, typer.Option(help="A folder to write attachments to.")] = None,
) -> None:
    """Show a ticket with its sealed part opened."""
    for line in show(file, key, files):
        typer.echo(line)


def main() -> None:
    """Run a command. An error says what is wrong in one line, without a trace that could quote somebody."""
    logs.set_up()
    try:
        app()
    except QuietlineError as error:
        typer.echo(f"quietline: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the top: say what kind, not what it holds
        typer.echo(f"quietline: failed ({type(error).__name__})", err=True)
        log.error("program.failed", error=type(error).__name__)
        sys.exit(1)
