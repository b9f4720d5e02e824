"""Text measured and cut as channels take it."""

from collections.abc import Callable, Iterator

import regex

type Unit = Callable[[str], int]
"""Counts a text in what a channel's limits are given in."""

_GRAPHEME = regex.compile(r"\X")
_WHOLE = regex.compile(r"https?://(?:[!-~](?![\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]))+|\X")
"""What is cut only where it is too long by itself: an address, or what a reader takes for one sign (with its coeng or
virama). An address ends with its ASCII: in scripts without blanks the words go on right behind it.
"""
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
    """Cut a text into pieces: at a line end, a stop or a blank, else between graphemes.

    Args:
        text: What is said.
        most: The limit of a piece, in units; four at least, so that it can hold any one character.
        unit: What the limit counts.

    Returns:
        The pieces in order, none of them blank unless the whole text is.
    """
    if unit(text) <= most:
        return [text]
    out: list[str] = []
    piece, size = "", 0
    for whole in _wholes(text, most, unit):
        while piece and size + unit(whole) > most:
            head, piece = _cut(piece)
            out.append(head)
            size = unit(piece)
        piece += whole
        size += unit(whole)
    return [shown for shown in (*out, piece) if not _is_blank(shown)] or [""]


def _wholes(text: str, most: int, unit: Unit) -> Iterator[str]:
    """Give addresses and graphemes; of an address over the limit its graphemes, of such a grapheme its characters."""
    for whole in _WHOLE.findall(text):
        if unit(whole) <= most:
            yield whole
        elif len(signs := _GRAPHEME.findall(whole)) > 1:
            yield from signs
        else:
            yield from whole


def _is_blank(text: str) -> bool:
    return not text.replace("\u200b", "").strip()


def _cut(piece: str) -> tuple[str, str]:
    """Give what is sent now, and what moves to the next piece: half of it at most."""
    ends = [match.end() for match in _GOOD_ENDS.finditer(piece)]
    at = ends[-1] if ends and ends[-1] > len(piece) // 2 else len(piece)
    return piece[:at].rstrip(), piece[at:]
