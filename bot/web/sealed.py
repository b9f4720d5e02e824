"""What the page seals: at which questions, and whether what it sends has the form of a sealed part."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException

from bot.interview.script import QUESTIONS
from bot.model.codes import ATTACHMENTS, PartKind
from bot.model.triage import HEARD_IN_PAGE
from bot.privacy.age import is_age_file
from bot.privacy.rules import Exposure, rule

TYPED = frozenset({PartKind.WORDS, PartKind.PIN})
"""What comes as a message; files come in a form."""
_MOST_BYTES = {PartKind.WORDS: 512 * 1024, PartKind.PIN: 16 * 1024}
"""A hundred thousand characters, and a position, padded and sealed to several keys."""


def is_sealed_in_page(question: str | None) -> bool:
    """Tell whether the words that answer a question are the hotline's alone: a name, an exact place."""
    asked = QUESTIONS.get(question or "")
    return asked is not None and asked.in_words and rule(asked.slot).exposure is Exposure.PRESENCE


def message_of(sealed: object) -> dict[str, Any]:
    """Give sealed words or a sealed pin as they are stored; raises HTTPException 400."""
    match sealed:
        case {"kind": str(kind), "content": str(content), **more} if kind in TYPED:
            return _packed(kind, _decoded(content, _MOST_BYTES[PartKind(kind)]), _dangers(more.get("dangers", [])))
        case _:
            raise HTTPException(400, "sealed: kind words or pin, and content, are needed")


def file_of(kind: str, content: bytes) -> dict[str, Any]:
    """Give a sealed file as it is stored; raises HTTPException 400."""
    if kind not in ATTACHMENTS:
        raise HTTPException(400, "sealed: one of photo, voice, video or file is needed")
    return _packed(kind, content)


def _packed(kind: str, content: bytes, dangers: Sequence[str] = ()) -> dict[str, Any]:
    if not is_age_file(content):
        raise HTTPException(400, "sealed: content is no age file of ours")
    return {"sealed": {"kind": kind, "content": base64.b64encode(content).decode(), "dangers": dangers}}


def _dangers(codes: object) -> list[str]:
    if not isinstance(codes, list) or not all(isinstance(code, str) and code in HEARD_IN_PAGE for code in codes):
        raise HTTPException(400, "sealed: dangers are codes of a closed list")
    return sorted(set(codes))


def _decoded(content: str, most: int) -> bytes:
    if len(content) > most * 4 // 3 + 4:
        raise HTTPException(400, "sealed: content is too long")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise HTTPException(400, "sealed: content is not base64") from None
