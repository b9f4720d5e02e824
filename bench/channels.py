"""Updates read and messages written a processor second, beside the libraries of the same networks in the same run.

`uv run python -m bench.channels [--seconds 2] [--fuzz 1000000] [--quick]`. Reading: from the bytes of a call to the
typed message. Writing: from a text and its choices to the body as bytes. Whoever is measured takes turns, three rounds,
and the middle one counts. `--fuzz N`: instead, N bodies near the recorded ones of each vendor; none may raise.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from types import MappingProxyType
from typing import Any

import aiogram
import pywa
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardButton as AiogramButton
from aiogram.types import InlineKeyboardMarkup as AiogramKeyboard
from aiogram.types import Update as AiogramUpdate
from pywa.types import Message as PywaMessage
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram import Update as PtbUpdate
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bench.machine import machine
from bot.channels.items import pack, unpack
from bot.channels.plan import plan
from bot.channels.telegram import reading
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.writing import encode
from bot.errors import UpdateError
from bot.model.message import Address, Text
from bot.model.private import Private
from bot.model.reply import Choice, Reply
from tests.vendors import recorded
from tests.vendors.mutations import broken

type Work = Callable[[], object]

_TEXT = "If it is safe to say: what is the exact place? For example the name of the building, the floor, the room."
_CHOICES = (Choice("yes", "Yes", "1️⃣ 👍"), Choice("no", "No", "2️⃣ 👎"), Choice("skip", "Skip", "3️⃣ ⏭️"))
_REPLY = Reply(_TEXT, _CHOICES, "ask_safe")
_CHAT = {"id": 5_000_000_001, "type": "private", "first_name": "Somebody"}
_USER = {"id": 5_000_000_001, "is_bot": False, "first_name": "Somebody", "language_code": "km"}
_UPDATE = json.dumps(
    {
        "update_id": 9,
        "message": {"message_id": 7, "date": 1_764_200_000, "chat": _CHAT, "from": _USER, "text": "ជួយផង យើងនៅបាវិត"},
    }
).encode()
_CALL = next(shape.call for shape in recorded.MODULES["whatsapp"].SHAPES.values() if isinstance(shape.said[0], Text))
_VENDOR = recorded.MODULES["whatsapp"].VENDOR
_TO = Address("telegram", Private("5000000001"))
_TO_WHATSAPP = Address("whatsapp", Private("KH.13491208655302741918"))
_BOT = aiogram.Bot("1:a")
_PYWA = pywa.WhatsApp(phone_id="106540352242922", token="EAAfake")  # noqa: S106 - of nobody


def _ours_reads_telegram() -> object:
    return reading.parse(_UPDATE)


def _ours_writes_telegram() -> object:
    return [_body(encode(part, _TO, "x").json) for part in plan(_REPLY, Telegram.capabilities)]


def _ours_reads_whatsapp() -> object:
    return [_VENDOR.read(item) for item in _VENDOR.items(_CALL)]


def _ours_writes_whatsapp() -> object:
    parts = plan(_REPLY, _VENDOR.capabilities)
    return [_body(request.json) for request in _VENDOR.encode(parts, _TO_WHATSAPP)]


def _body(sent: Mapping[str, Any] | None) -> bytes:
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()


def _ptb_reads() -> object:
    return PtbUpdate.de_json(json.loads(_UPDATE), None)


def _ptb_writes() -> object:
    rows = [[InlineKeyboardButton(choice.shown, callback_data=f"ask_safe|{choice.id}")] for choice in _CHOICES]
    sent = {
        "chat_id": 5_000_000_001,
        "text": _TEXT,
        "disable_notification": True,
        "protect_content": True,
        "link_preview_options": LinkPreviewOptions(is_disabled=True),
        "reply_markup": InlineKeyboardMarkup(rows),
    }
    return RequestData([RequestParameter.from_input(name, value) for name, value in sent.items()]).json_payload


def _aiogram_reads() -> object:
    return AiogramUpdate.model_validate_json(_UPDATE)


def _aiogram_writes() -> object:
    rows = [[AiogramButton(text=choice.shown, callback_data=f"ask_safe|{choice.id}")] for choice in _CHOICES]
    message = SendMessage(
        chat_id=5_000_000_001,
        text=_TEXT,
        disable_notification=True,
        protect_content=True,
        reply_markup=AiogramKeyboard(inline_keyboard=rows),
    )
    return AiohttpSession.build_form_data(_BOT.session, _BOT, message)  # type: ignore[arg-type]


def _pywa_reads() -> object:
    return PywaMessage.from_update(_PYWA, json.loads(_CALL.body))


class _Caught(Exception):
    """What pywa would have sent."""


def _catch(**sent: Any) -> None:  # noqa: ANN401 - pywa's own call
    raise _Caught(_body(sent.get("json")))


def _pywa_writes() -> object:
    buttons = [pywa.types.Button(choice.shown, f"ask_safe|{choice.id}") for choice in _CHOICES]
    try:
        return _PYWA.send_message("85512345678", _TEXT, buttons=buttons)
    except _Caught as caught:
        return caught.args[0]


WORK: Mapping[str, Mapping[str, Work]] = MappingProxyType(
    {
        "telegram_reads": {"ours": _ours_reads_telegram, "python-telegram-bot": _ptb_reads, "aiogram": _aiogram_reads},
        "telegram_writes": {
            "ours": _ours_writes_telegram,
            "python-telegram-bot": _ptb_writes,
            "aiogram": _aiogram_writes,
        },
        "whatsapp_reads": {"ours": _ours_reads_whatsapp, "pywa": _pywa_reads},
        "whatsapp_writes": {"ours": _ours_writes_whatsapp, "pywa": _pywa_writes},
    }
)


def rate(work: Work, seconds: float) -> float:
    """Give how often work is done in a processor second."""
    work()
    begun, count = time.process_time(), 0
    while time.process_time() - begun < seconds:
        for _ in range(50):
            work()
        count += 50
    return count / (time.process_time() - begun)


def rates(seconds: float, rounds: int) -> dict[str, dict[str, int]]:
    """Measure everybody, in turns."""
    found: dict[str, dict[str, list[float]]] = {what: {who: [] for who in by} for what, by in WORK.items()}
    for _ in range(rounds):
        for what, by in WORK.items():
            for who, work in by.items():
                found[what][who].append(rate(work, seconds))
    return {what: {who: round(median(values)) for who, values in by.items()} for what, by in found.items()}


def fuzz(bodies: int, seed: int = 1) -> dict[str, dict[str, float]]:
    """Read bodies near the recorded ones; gives how many were read, and the slowest in milliseconds, of each vendor."""
    chance, found = random.Random(seed), {}  # noqa: S311 - nothing secret
    for name, module in recorded.MODULES.items():
        shapes, read, slowest = list(module.SHAPES.values()), 0, 0.0
        for _ in range(bodies):
            call = module.proven(broken(chance.choice(shapes).call.body, chance))
            begun = time.perf_counter()
            read += _is_read(module.VENDOR, call)
            slowest = max(slowest, time.perf_counter() - begun)
        found[name] = {"bodies": bodies, "read": read, "slowest_ms": round(slowest * 1000, 1)}
        print(name, found[name], flush=True)
    return found


def _is_read(vendor: Any, call: Any) -> bool:  # noqa: ANN401 - modules are untyped
    assert vendor.proves(call)  # noqa: S101 - else nothing was fuzzed
    try:
        for item in vendor.items(call):
            vendor.read(unpack(pack(item)))
    except UpdateError:
        return False
    return True


def main() -> None:
    """Measure, and print the figures as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--fuzz", type=int, default=0, help="bodies for each vendor")
    parser.add_argument("--quick", action="store_true", help="under a minute")
    options = parser.parse_args()
    if options.fuzz:
        figures: dict[str, Any] = {"fuzz": fuzz(options.fuzz)}
    else:
        figures = {"a_processor_second": rates(0.3 if options.quick else options.seconds, 1 if options.quick else 3)}
    print(json.dumps({"bench": "channels", **figures, "machine": machine()}))


if __name__ == "__main__":
    _PYWA.api._request = _catch  # noqa: SLF001 - the line to the vendor
    sys.exit(main())
