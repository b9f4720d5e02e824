"""The body of a delivery, from what was committed: pure."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from bot.model.delivery import OpenPart
from bot.model.part import SealedPart
from storage.outbox import Due

PAD_BYTES = 4096
"""Bodies are padded with white space to multiples of this, so that length says little."""


def body(due: Due, fingerprints: Sequence[str]) -> bytes:
    """Write the JSON body of one event.

    Args:
        due: The delivery and its sealed parts.
        fingerprints: Of the hotline's keys.
    """
    event = {"type": due.delivery.type, "timestamp": _hour(due), "data": _data(due, fingerprints)}
    plain = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % PAD_BYTES)


def _hour(due: Due) -> str:
    return due.delivery.created_at.strftime("%Y-%m-%dT%H:00Z")


def _data(due: Due, fingerprints: Sequence[str]) -> dict[str, Any]:
    if due.open_part is None:
        (part,) = due.parts
        return {"ticket_id": str(due.delivery.ticket_id), "part_id": str(part.part_id), "content": _base64(part)}
    return ticket(due.open_part, due.parts, fingerprints)


def ticket(open_part: OpenPart, parts: Sequence[SealedPart], fingerprints: Sequence[str]) -> dict[str, Any]:
    """Put the sealed part beside the open part: a whole ticket."""
    if not parts:
        return {**open_part, "sealed": None}
    listed = [_listed(part) for part in parts]
    return {**open_part, "sealed": {"format": "age-v1", "recipients": list(fingerprints), "parts": listed}}


def _listed(part: SealedPart) -> dict[str, Any]:
    return {
        "part_id": str(part.part_id),
        "kind": part.kind,
        "bytes": len(part.content),
        "sha256": part.sha256,
        "content": None if part.travels_alone else _base64(part),
    }


def _base64(part: SealedPart) -> str:
    return base64.b64encode(part.content).decode()
