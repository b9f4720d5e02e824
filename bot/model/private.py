"""Private text: a type whose repr hides what it holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Private:
    """Words, names or addresses of a reporter. Only `reveal` gives them, so that a log or a traceback cannot."""

    _value: str

    def reveal(self) -> str:
        """Give the text; call it only where it is sealed, encrypted, understood or sent."""
        return self._value

    def __repr__(self) -> str:
        """Show that there is something, not what."""
        return "Private(...)"

    __str__ = __repr__
