"""One language's messages, with codes put into words."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale

from bot.i18n import decoy
from bot.i18n.languages import FALLBACK, FOLDER, LANGUAGES, Language
from bot.i18n.messages import Messages
from bot.i18n.symbols import keycap, symbol
from bot.model.codes import DANGER
from bot.model.reply import Choice, Reply, Say

LIMITS: Mapping[str, str] = MappingProxyType({"megabytes": "20"})
type Private = Mapping[str, str]
"""What only this reporter may read: by placeholder, or by the key of the message that it stands below."""
NOTHING: Private = MappingProxyType({})


class Catalogue:
    """Puts what is to be said into words of one language."""

    def __init__(self, language: Language, folder: Path = FOLDER) -> None:
        """Read the catalogue of a language."""
        self.language = language
        self._messages = Messages(folder / language.catalogue / "LC_MESSAGES" / "quietline.po")
        self._territories = Locale.parse(language.territories).territories
        self._words = self._tables()
        self.keys, self.forms = self._messages.keys, self._messages.forms

    def text(self, say: Say, private: Private = NOTHING) -> str:
        """Put one sentence into words."""
        values = {name: self._word(name, codes) for name, codes in say.values.items()}
        number = say.values.get(_NUMBER)
        form = self._messages.get(say.key, int(number) if number else None)
        below = [private[say.key]] if say.key in private else decoy.lines(say.key, self._province)
        return "\n".join([form.format_map({**self._constants(), **values, **private}), *below])

    def word(self, key: str) -> str:
        """Give a message that has no placeholders."""
        return self._messages.get(key)

    def label(self, choice: str) -> str:
        """Give the words on a choice."""
        if choice.startswith("language:"):
            return LANGUAGES[choice.partition(":")[2]].own_name
        if choice.startswith("nationality:"):
            return self.territory(choice.partition(":")[2])
        if choice.startswith("province:"):
            return self.word(choice.replace(":", ".", 1))
        return self.word("label." + choice.replace(":", ".", 1))

    def territory(self, code: str) -> str:
        """Name a country; its code where nobody named it."""
        return str(self._territories.get(code, code))

    def reply(self, says: tuple[Say, ...], private: Private = NOTHING) -> Reply:
        """Put what is to be said into one message; the choices of the last one that has any."""
        offering = next((say for say in reversed(says) if say.choices), None)
        text = "\n\n".join(self._paragraphs(says, private))
        if offering is None:
            return Reply(text)
        choices = tuple(
            Choice(id_, self.label(id_), _sign(id_, number if offering.numbered else None))
            for number, id_ in enumerate(offering.choices, 1)
        )
        place_label = self.word("web.location") if offering.key in _PLACES else ""
        return Reply(text, choices, offering.question, place_label)

    def _paragraphs(self, says: tuple[Say, ...], private: Private) -> list[str]:
        """Lines of a summary stand together; everything else is a paragraph of its own."""
        paragraphs: list[str] = []
        for say in says:
            if say.key.startswith("summary_") and say.key != "summary_intro" and paragraphs:
                paragraphs[-1] += "\n" + self.text(say)
            else:
                paragraphs.append(self.text(say, private))
        return paragraphs

    def _constants(self) -> dict[str, str]:
        words = {name: self.word("label." + name) for name in _TYPED}
        return {**LIMITS, **words, "emergency": self.language.emergency}

    def _word(self, name: str, codes: str) -> str:
        find = self._words.get(name, str)
        return self.word("separator").join(find(code) for code in codes.split())

    def _tables(self) -> Mapping[str, Callable[[str], str]]:
        return {
            "role": lambda code: self.word("role." + code),
            "place": self._province,
            "count": lambda code: self.word("label.count." + code),
            "minor": lambda code: self.word("label." + code),
            "signs": lambda code: self.word("indicator." + code),
            "contact": lambda code: self.word("label.contact." + code),
            "restrictions": lambda code: self.word("label.restrict." + code),
            "nationalities": self.territory,
            "embassy": self.territory,
            "language": lambda code: LANGUAGES[code].own_name,
        }

    def _province(self, code: str) -> str:
        return self.word("province." + code)


_PLACES = frozenset({"ask_exact_place"})
"""Asked of who may be there: a relative's phone would say where the relative is."""
_TYPED = ("stop", "erase", "skip", "receipt", "hide")
"""Words that the reporter is told to type."""
_NUMBER = "parts"
"""The placeholder that a message with plural forms counts."""


def _sign(choice: str, number: int | None) -> str:
    """Give the number under which a choice can be typed, 0 for danger always, and its picture."""
    typed = 0 if choice == DANGER else number
    return f"{'' if typed is None else keycap(typed)} {symbol(choice)}".strip()


@cache
def catalogue_of(code: str) -> Catalogue:
    """Give the catalogue that serves a language; English for one we do not speak."""
    return Catalogue(LANGUAGES.get(code, LANGUAGES[FALLBACK]))
