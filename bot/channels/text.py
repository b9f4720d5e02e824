"""Text cut to what a channel takes in one message."""

import regex

_GRAPHEME = regex.compile(r"\X")
_GOOD_ENDS = regex.compile(r"[\n។។.!?。！？ \u200b]")


def units(text: str) -> int:
    """Count UTF-16 code units, as most channels do."""
    return len(text.encode("utf-16-le")) // 2


def pieces(text: str, most_units: int) -> list[str]:
    """Cut a text into pieces: at a line end, a stop or a blank, else between graphemes, never inside one."""
    out: list[str] = []
    piece = ""
    for grapheme in _GRAPHEME.findall(text):
        if units(piece) + units(grapheme) > most_units:
            head, piece = _cut(piece)
            out.append(head)
        piece += grapheme
    return [*out, piece]


def _cut(piece: str) -> tuple[str, str]:
    """Give what is sent now, and what moves to the next piece: half of it at most."""
    ends = [match.end() for match in _GOOD_ENDS.finditer(piece)]
    at = ends[-1] if ends and ends[-1] > len(piece) // 2 else len(piece)
    return piece[:at].rstrip(), piece[at:]
