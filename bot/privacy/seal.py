"""Seal: encrypt to the hotline's public keys, so that we cannot read it."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from pyrage import encrypt, x25519

from bot.errors import SettingsError
from bot.model.codes import PartKind
from bot.model.part import SealedPart

PAD_BYTES = 4096
"""age leaks a file's length; sealed content is padded to multiples of this."""


class Sealer:
    """The hotline's keys, one to three age recipients (X25519)."""

    def __init__(self, recipients: Sequence[str]) -> None:
        """Take recipients such as `age1...`; raises SettingsError without naming a wrong one."""
        try:
            self._keys = [x25519.Recipient.from_str(recipient) for recipient in recipients]
        except Exception:  # noqa: BLE001 - pyrage raises its own error, and its text may quote the value
            raise SettingsError("QUIETLINE_HOTLINE_KEYS: not an age recipient (age1...)") from None
        if not 1 <= len(self._keys) <= 3:
            raise SettingsError("QUIETLINE_HOTLINE_KEYS: one to three age recipients are needed")
        self.fingerprints = tuple(fingerprint(recipient) for recipient in recipients)

    def seal(self, ticket_id: UUID, kind: PartKind, content: dict[str, Any]) -> SealedPart:
        """Seal one message's content (`docs/interfaces.md`, "What sealed content holds")."""
        part_id = uuid4()
        head = {"ticket_id": str(ticket_id), "part_id": str(part_id), "kind": kind.value}
        body = encrypt(padded(head | content), self._keys)
        return SealedPart(part_id, kind, sha256(body).hexdigest(), body)


def sealed_elsewhere(kind: PartKind, content: bytes) -> SealedPart:
    """Take a part that the reporter's page sealed, as it is: an age file that we cannot open."""
    return SealedPart(uuid4(), kind, sha256(content).hexdigest(), content)


def fingerprint(recipient: str) -> str:
    """Name a key: first 8 bytes of SHA-256 of it, hex."""
    return sha256(recipient.encode()).hexdigest()[:16]


def padded(content: dict[str, Any]) -> bytes:
    """Write content as JSON, padded with spaces to a multiple of 4,096 bytes."""
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % PAD_BYTES)
