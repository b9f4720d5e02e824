"""The commands (`docs/interfaces.md`, "Commands")."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer

from bot import logs, settings, state
from bot.console import converse
from bot.errors import QuietlineError, SettingsError
from bot.i18n.languages import LANGUAGES
from bot.opening import show
from bot.service import Job, Service
from bot.settings import Settings
from bot.web.serving import bound, serve
from nlu.beside import INTERPRETER, PORT, server_command

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A reporting line.")
log = structlog.get_logger()


@app.command()
def run() -> None:
    """Run the service, from the environment."""
    asyncio.run(_run(settings.read()))


async def _run(read: Settings) -> None:
    listener = bound(read.http_host, read.http_port, "QUIETLINE_HTTP_PORT")
    port = listener.getsockname()[1]
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
    service = Service(read)
    try:
        service.store.migrate()
        found = {name: await ask() for name, ask in service.parts().items() if _is_outside(service, name)}
    finally:
        await service.aclose()
    typer.echo(f"Channels   {', '.join(service.channels)}")
    unread = [code for code, language in LANGUAGES.items() if not language.reviewed_by]
    typer.echo(f"Languages  {len(LANGUAGES)}; machine-written, read by no speaker yet: {', '.join(unread) or 'none'}")
    for name, answers in found.items():
        typer.echo(f"{name.ljust(10)} {'answers' if answers else 'DOES NOT ANSWER'}")
    return 0 if all(found.values()) else 1


def _is_outside(service: Service, name: str) -> bool:
    """What the service brings itself does not run now."""
    return not (name == "nlu" and service.beside) and not (name == "hotline" and service.desk)


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
