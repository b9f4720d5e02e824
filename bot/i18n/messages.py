"""One language's messages as its catalogue file holds them."""

from collections.abc import Sequence
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Messages:
    """Messages by key. One that is missing raises KeyError: catalogues are complete, and a test says so."""

    def __init__(self, path: Path) -> None:
        """Read a .po file."""
        with path.open("rb") as file:
            catalogue = read_po(file)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._plural = GNUTranslations(compiled)
        read = {_tuple(message.id)[0]: _tuple(message.string) for message in catalogue if message.id}
        self._forms = {key: forms for key, forms in read.items() if all(forms)}

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has a message."""
        return frozenset(self._forms)

    def forms(self, key: str) -> tuple[str, ...]:
        """Give every form of a message: one, or one for each plural of the language."""
        return self._forms[key]

    def get(self, key: str, number: int | None = None) -> str:
        """Give a message, in the form that a number asks for."""
        if number is None or len(self._forms[key]) == 1:
            return self._forms[key][0]
        return self._plural.ngettext(key, key, number)


def _tuple(words: str | Sequence[str] | None) -> tuple[str, ...]:
    return (words or "",) if isinstance(words, str | None) else tuple(words)
