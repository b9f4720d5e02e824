"""The conversation in a terminal: for trying, and for a hotline's own staff."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import typer

from bot.channels.pulled import PulledChannel, pack
from bot.model.reply import Reply
from bot.service import Service


async def converse(service: Service, language: str | None) -> None:
    """Talk until the input ends."""
    channel = service.channels["console"]
    assert isinstance(channel, PulledChannel)  # noqa: S101 - its row in the table
    user = uuid4().hex
    await _say(service, channel, pack(user, f"{user}:start", {}, language))
    async for line in _lines():
        await _say(service, channel, pack(user, f"{user}:{uuid4().hex}", {"text": line}, language))
    await _say(service, channel, pack(user, f"{user}:end", {"choice": "stop", "question": None}, language))
    await _delivered(service)


async def _say(service: Service, channel: PulledChannel, raw: bytes) -> None:
    while (spoken := await service.answers.answer(channel, raw)) is None:
        continue
    for line in _shown(service.rendering.reply(spoken)):
        typer.echo(line)


def _shown(reply: Reply | None) -> list[str]:
    if reply is None:
        return []
    return ["", reply.text, *(f"  {choice.shown}" for choice in reply.choices), ""]


async def _lines() -> AsyncIterator[str]:
    """Read lines without holding up the rest of the program."""
    while True:
        with suppress(EOFError):
            yield await asyncio.to_thread(input, "> ")
            continue
        return


async def _delivered(service: Service) -> None:
    """Give what was filed a moment to arrive; what does not waits for the next start."""
    for _ in range(100):
        if not await service.waiting():
            return
        await asyncio.sleep(0.1)
