"""A conversation with the real turns over a real database, in this process."""

import base64
import io
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid5

from PIL import Image
from pyrage import x25519
from sqlalchemy import select

from bot.channels.pulled import PulledChannel, pack
from bot.i18n import receipts
from bot.interview.closing import fall_silent
from bot.model.reply import Reply
from bot.privacy.seal import Sealer
from bot.turns.effects import of_deadline
from bot.turns.hearing import Understands
from bot.turns.lanes import Lanes
from bot.turns.loop import TurnLoop
from bot.turns.reception import Reception
from bot.turns.rendering import Rendering
from bot.turns.taking import Turns
from bot.turns.times import Rules, Times
from nlu.lexicon import shipped, understand_by_words
from nlu.reading import read_answer
from nlu.understanding import Understanding
from storage import replies, sessions, turn
from storage.claims import Claims
from storage.store import Store
from storage.tables import deliveries
from storage.together import Together
from storage.vault import Vault
from tests.transcripts.written import Transcript, reply_lines, ticket_line

SILENCE = timedelta(minutes=15)
RULES = Rules(SILENCE)
_NAMES = UUID("3b9f3b0e-1d0f-4ad7-8a0a-5a6f2b1f7c11")
_PUBLIC = str(x25519.Identity.generate().to_public())


class Recorded:
    """Understands what the real server was recorded to answer; other texts by words."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    async def understand(self, text: str) -> Understanding:
        if text not in self.answers:
            return understand_by_words(text, shipped())
        return read_answer(self.answers[text], text, shipped())


class Conversation:
    """One reporter in the web chat. What was given as a receipt is remembered, to be typed later."""

    def __init__(self, database: Path, nlu: Understands) -> None:
        self.store = Store(f"sqlite:///{database}")
        self.store.migrate()
        self.vault = Vault(b"k" * 32)
        self.channel = PulledChannel("web", clears=True)
        claims, sealer = Claims(self.store), Sealer([_PUBLIC])
        self.turns = Turns(self.store, claims, self.vault, sealer, nlu, {"web": self.channel}, RULES)
        self.reception = Reception(
            Together(self.store), self.vault, Lanes(lambda: False), TurnLoop(self.turns.take_next).wake
        )
        self.rendering = Rendering(self.vault)
        self.user, self.count, self.receipt = "somebody", 0, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    async def take(self, line: str) -> dict[str, Any] | None:
        """Take one line of the reporter's, and give what is said to it."""
        if line == "(silence)":
            self.fall_silent()
            return None
        if line == "(another phone)":
            self.user = "the same person elsewhere"
            return None
        self.count += 1
        cause = f"{self.user}:{uuid5(_NAMES, str(self.count))}"
        await self.reception.accept(self.channel, [pack(self.user, cause, message_of(line, self.receipt), None)])
        while await self.turns.take_next(self.vault.address_key("web", self.user)) is not None:
            pass
        spoken = self.store.run_now(replies.of_cause, "web", cause)
        assert spoken, "every message is answered or settled"
        reply = self.rendering.reply(spoken)
        self.receipt = (reply and receipt_in(reply.text)) or self.receipt
        return shown(reply, self.receipt)

    def fall_silent(self) -> bool:
        """Let the silence deadline pass, as the sweeper does; tells whether anything was filed."""
        now = datetime.now(UTC) + SILENCE * 2
        due = self.store.run_now(sessions.silent, now)
        for held in due:
            self.store.run_now(turn.commit, of_deadline(held, fall_silent(held.session), Times(now, RULES)), now)
        return bool(due)

    def tickets(self) -> list[Mapping[str, Any]]:
        """Give every revision on its way to the hotline, in order."""
        with self.store.engine.begin() as db:
            return [row for row in db.scalars(select(deliveries.c.open_part).order_by(deliveries.c.id)) if row]


def receipt_in(text: str) -> str | None:
    """Give the words of a receipt, which stand on a line of their own."""
    return next((line for line in text.splitlines() if receipts.read(line)), None)


def shown(reply: Reply | None, receipt: str) -> dict[str, Any] | None:
    """Give a reply as the web chat's API does, a receipt's words hidden: they are other words each time."""
    if reply is None:
        return None
    text = reply.text.replace(receipt, "(eight words)") if receipt else reply.text
    return {"text": text, "choices": [{"sign": c.sign, "label": c.label, "id": c.id} for c in reply.choices]}


def message_of(line: str, receipt: str) -> dict[str, Any]:
    """Give a line in the web channel's own form."""
    match line.split():
        case ["(start)"]:
            return {}
        case ["(photo)"]:
            return {"file": _file("photo.jpg", "image/jpeg", photo())}
        case ["(voice)"]:
            return {"file": _file("voice.ogg", "audio/ogg", b"OggS")}
        case ["(pin", lat, lon]:
            return {"location": {"lat": float(lat), "lon": float(lon.rstrip(")"))}}
        case ["(receipt)"]:
            return {"text": receipt}
        case [choice] if choice.startswith("[") and choice.endswith("]"):
            return {"choice": choice[1:-1]}
        case _:
            return {"text": line}


def photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "JPEG")
    return held.getvalue()


def _file(name: str, media_type: str, content: bytes) -> dict[str, str]:
    return {"name": name, "media_type": media_type, "content": base64.b64encode(content).decode()}


async def spoken(transcript: Transcript, conversation: Conversation) -> AsyncIterator[str]:
    """Hold a conversation and write it down, line by line."""
    yield f"# {transcript.title}"
    written = ""
    for line in transcript.lines:
        yield ""
        yield f"> {line}"
        for reply in reply_lines(await conversation.take(line)):
            yield reply
        line_of_ticket = "".join(ticket_line(ticket) for ticket in conversation.tickets()[-1:])
        if line_of_ticket not in ("", written):
            yield line_of_ticket
        written = line_of_ticket


def answers_of(language: str) -> dict[str, Any]:
    """Read what the real server was recorded to answer."""
    path = Path(__file__).parent / language / "understood.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found
