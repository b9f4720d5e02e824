"""What a tapped choice carries back: the question it was offered with, and its id; 64 bytes at most (Telegram)."""

from bot.model.message import Chosen

_SEPARATOR = "|"


def tap_data(question: str | None, choice: str) -> str:
    """Write a choice."""
    return f"{question or ''}{_SEPARATOR}{choice}"


def tapped(data: str) -> Chosen:
    """Read a choice; what is not ours becomes one that nobody offered."""
    question, separator, choice = data.partition(_SEPARATOR)
    return Chosen(choice, question or None) if separator else Chosen(data)
