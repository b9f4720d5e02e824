"""Text measured and cut as channels take it."""

from collections.abc import Callable

import regex

type Unit = Callable[[str], int]
"""Counts a text in what a channel's limits are given in."""

_GRAPHEME = regex.compile(r"\X")
_WHOLE = regex.compile(r"https?://\S+|\X")
"""What is never cut: an address, or what a reader takes for one sign (with its coeng or virama)."""
_GOOD_ENDS = regex.compile(r"[\n។៕။၊。！？ \u200b]|[.!?](?=\s|$)")


def utf16(text: str) -> int:
    """Count UTF-16 code units, as most channels do."""
    return len(text.encode("utf-16-le")) // 2


code_points: Unit = len


def utf8(text: str) -> int:
    """Count bytes of UTF-8."""
    return len(text.encode())


def graphemes(text: str) -> int:
    """Count what a reader takes for one sign."""
    return len(_GRAPHEME.findall(text))


def pieces(text: str, most: int, unit: Unit = utf16) -> list[str]:
    """Cut a text into pieces: at a line end, a stop or a blank, else between graphemes, never inside one."""
    if unit(text) <= most:
        return [text]
    out: list[str] = []
    piece, size = "", 0
    for whole in _WHOLE.findall(text):
        if size + unit(whole) > most:
            head, piece = _cut(piece)
            out.append(head)
            size = unit(piece)
        piece += whole
        size += unit(whole)
    return [*out, piece]


def _cut(piece: str) -> tuple[str, str]:
    """Give what is sent now, and what moves to the next piece: half of it at most."""
    ends = [match.end() for match in _GOOD_ENDS.finditer(piece)]
    at = ends[-1] if ends and ends[-1] > len(piece) // 2 else len(piece)
    return piece[:at].rstrip(), piece[at:]
