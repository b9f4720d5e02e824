"""One language's messages and the words for codes."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.pofile import read_po

from bot.i18n.languages import FALLBACK, FOLDER, LANGUAGES, Language
from bot.model.reply import Choice, Reply, Say

LIMITS: Mapping[str, str] = MappingProxyType({"megabytes": "20"})


class Catalogue:
    """The messages of one language. A missing key is an error: catalogues are complete, and a test says so."""

    def __init__(self, language: Language, folder: Path = FOLDER) -> None:
        """Read the catalogue of a language."""
        self.language = language
        self._messages = _read(folder / language.catalogue / "LC_MESSAGES" / "quietline.po")
        self._territories = Locale.parse(language.territories).territories
        self._words = self._tables()

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has a message."""
        return frozenset(self._messages)

    def text(self, say: Say) -> str:
        """Put one sentence into words."""
        values = {name: self._word(name, codes) for name, codes in say.values.items()}
        return self._messages[say.key].format_map({**self._constants(), **values})

    def word(self, key: str) -> str:
        """Give a message that has no placeholders."""
        return self._messages[key]

    def label(self, choice: str) -> str:
        """Give the words on a choice."""
        if choice.startswith("language:"):
            return LANGUAGES[choice.partition(":")[2]].own_name
        if choice.startswith("nationality:"):
            return self.territory(choice.partition(":")[2])
        if choice.startswith("province:"):
            return self._messages[choice.replace(":", ".", 1)]
        return self._messages["label." + choice.replace(":", ".", 1)]

    def territory(self, code: str) -> str:
        """Name a country; its code where nobody named it."""
        return str(self._territories.get(code, code))

    def reply(self, says: tuple[Say, ...]) -> Reply:
        """Put what is to be said into one message; the choices of the last one that has any."""
        offering = next((say for say in reversed(says) if say.choices), None)
        text = "\n\n".join(self._paragraphs(says))
        if offering is None:
            return Reply(text)
        choices = tuple(Choice(id_, self.label(id_)) for id_ in offering.choices)
        return Reply(text, choices, offering.question, ask_location=offering.key in _PLACES)

    def _paragraphs(self, says: tuple[Say, ...]) -> list[str]:
        """Lines of a summary stand together; everything else is a paragraph of its own."""
        paragraphs: list[str] = []
        for say in says:
            if say.key.startswith("summary_") and say.key != "summary_intro" and paragraphs:
                paragraphs[-1] += "\n" + self.text(say)
            else:
                paragraphs.append(self.text(say))
        return paragraphs

    def _constants(self) -> dict[str, str]:
        words = {name: self._messages["label." + name] for name in ("stop", "erase", "skip")}
        return {**LIMITS, **words, "emergency": self.language.emergency}

    def _word(self, name: str, codes: str) -> str:
        find = self._words.get(name, str)
        return self._messages["separator"].join(find(code) for code in codes.split())

    def _tables(self) -> Mapping[str, Callable[[str], str]]:
        return {
            "role": lambda code: self._messages["role." + code],
            "place": lambda code: self._messages["province." + code],
            "count": lambda code: self._messages["label.count." + code],
            "minor": lambda code: self._messages["label." + code],
            "signs": lambda code: self._messages["indicator." + code],
            "nationalities": self.territory,
            "language": lambda code: LANGUAGES[code].own_name,
        }


_PLACES = frozenset({"ask_province", "ask_exact_place"})


def _read(path: Path) -> Mapping[str, str]:
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


@cache
def catalogue_of(code: str) -> Catalogue:
    """Give the catalogue that serves a language; English for one we do not speak."""
    return Catalogue(LANGUAGES.get(code, LANGUAGES[FALLBACK]))
