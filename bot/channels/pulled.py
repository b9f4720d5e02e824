"""Channels whose reporter's side asks for the replies: the web chat and the terminal. The wire format is our own."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from bot.channels.capabilities import Capabilities, Menu, Place
from bot.channels.health import Health
from bot.errors import AttachmentError, AttachmentTooBig, SendNever, UpdateError
from bot.model.codes import PartKind
from bot.model.message import Address, Attachment, Chosen, Envelope, Message, Pin, Sealed, Start, Text, Update
from bot.model.private import Private
from bot.model.reply import Reply

MAX_FILE_BYTES = 20 * 1024 * 1024
"""As Telegram's; a catalogue sentence names it."""
MAX_SEALED_BYTES = MAX_FILE_BYTES * 4 // 3 + 4 * 1024 * 1024
"""Such a file sealed in the page: in base64, with a small copy of a photo beside it."""
_ANY = 1_000_000
"""Units: more than is ever said."""


class PulledChannel:
    """Holds no connection: what it "receives" was packed by `pack`, and its replies are read from the database."""

    ids_tell = False

    def __init__(self, name: str, *, clears: bool) -> None:
        """Take its name in tickets, `web` or `console`, and whether an erasure clears what stands on the screen."""
        self.name = name
        self.capabilities = Capabilities(
            max_text=_ANY,
            max_file_bytes=MAX_FILE_BYTES,
            pushes=False,
            erases=False,
            clears=clears,
            menus=(Menu("own", most=100, label=_ANY, body=_ANY),),
            place=Place.PAGE,
        )

    def envelope(self, raw: bytes) -> Envelope:
        """See `Channel`."""
        packed = _read(raw)
        return Envelope(str(packed["dedupe"]), Private(str(packed["user"])))

    def parse(self, raw: bytes) -> Update:
        """See `Channel`."""
        packed = _read(raw)
        try:
            message = _message(packed["message"])
        except (KeyError, TypeError, ValueError):
            raise UpdateError("not in our own form") from None
        address = Address(self.name, Private(packed["user"]))
        return Update(packed["dedupe"], address, message, language=packed.get("language"))

    def synthetic(self, id_: str, words: str) -> bytes:
        """See `Channel`: tokens and terminals make users in hex."""
        return pack("canary", f"canary:{id_}", {"text": words})

    async def fetch(self, attachment: Attachment) -> bytes:
        """See `Channel`: the file came with its message."""
        try:
            content = base64.b64decode(attachment.handle.reveal(), validate=True)
        except binascii.Error:
            raise AttachmentError("not base64") from None
        if len(content) > MAX_FILE_BYTES:
            raise AttachmentTooBig("over the limit")
        return content

    async def send(self, address: Address, reply: Reply) -> tuple[str, ...]:  # noqa: ARG002 - as the protocol says
        """See `Channel`: nothing is ever pushed."""
        raise SendNever("this channel is asked, it does not push")

    async def erase(self, address: Address, message_ids: Sequence[str]) -> None:
        """See `Channel`: the page clears itself."""

    async def health(self) -> Health:
        """See `Channel`: there is no vendor."""
        return Health()

    async def aclose(self) -> None:
        """See `Channel`."""


def pack(user: str, dedupe: str, message: dict[str, Any], language: str | None = None) -> bytes:
    """Write an update as it is stored.

    `message` is one of {"text"}, {"choice", "question"?}, {"location"}, {"file"}, {"sealed"}, {}.
    """
    packed = {"user": user, "dedupe": dedupe, "language": language, "message": message}
    return json.dumps(packed, ensure_ascii=True, separators=(",", ":")).encode()


def _read(raw: bytes) -> dict[str, Any]:
    try:
        packed = json.loads(raw)
        return {**packed, "dedupe": packed["dedupe"], "user": packed["user"]}
    except (ValueError, KeyError, TypeError):
        raise UpdateError("not in our own form") from None


def _message(packed: dict[str, Any]) -> Message:
    match packed:
        case {"text": str(text)}:
            return Text(Private(text))
        case {"choice": str(choice)}:
            return Chosen(choice, packed.get("question"))
        case {"location": {"lat": lat, "lon": lon, **more}}:
            return Pin(float(lat), float(lon), _metres(more.get("accuracy")))
        case {"file": {"content": str(content), "name": str(name), "media_type": str(media_type)}}:
            caption = Private(packed["caption"]) if packed.get("caption") else None
            return Attachment(kind_of(media_type), Private(content), Private(name), media_type, caption=caption)
        case {"sealed": {"kind": str(sealed_kind), "content": str(content), "dangers": list(dangers)}}:
            return Sealed(PartKind(sealed_kind), base64.b64decode(content, validate=True), tuple(dangers))
        case _:
            return Start()


def _metres(accuracy: object) -> float | None:
    return float(accuracy) if isinstance(accuracy, int | float) else None


def kind_of(media_type: str) -> PartKind:
    """Say what kind of sealed part a media type makes."""
    kinds = {"image": PartKind.PHOTO, "audio": PartKind.VOICE, "video": PartKind.VIDEO}
    return kinds.get(media_type.partition("/")[0].lower(), PartKind.FILE)
