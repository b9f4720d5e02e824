"""Contract of every language: complete, with the right placeholders, labels that fit, and a discreet first screen."""

import string
import unicodedata

import pytest
import regex
from babel.messages.pofile import read_po

from bot.i18n.catalogue import Catalogue, catalogue_of
from bot.i18n.languages import FOLDER, LANGUAGES
from bot.interview.script import QUESTIONS
from bot.model.reply import Say
from nlu.lexicon import command, shipped

MOST_LABEL_CHARS = 20
LOUD = {
    "en": ("police", "victim", "rescue", "traffick", "scam", "crime"),
    "km": ("ប៉ូលិស", "នគរបាល", "ជនរងគ្រោះ", "សង្គ្រោះ", "ជួញដូរ", "បោកប្រាស់"),
    "zh-Hans": ("警察", "受害", "救援", "贩运", "拐卖", "诈骗", "犯罪"),
    "zh-Hant": ("警察", "受害", "救援", "販運", "拐賣", "詐騙", "犯罪"),
    "vi": ("công an", "cảnh sát", "nạn nhân", "giải cứu", "buôn người", "lừa đảo", "tội phạm"),
}
FIRST_SEEN = (
    "welcome",
    "ask_safe",
    "web.title",
    "command.start",
    "command.stop",
    "command.erase",
    "command.language",
    "erased",
)


def template() -> frozenset[str]:
    with (FOLDER / "quietline.pot").open("rb") as file:
        return frozenset(str(message.id) for message in read_po(file) if message.id)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.fixture(params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return catalogue_of(request.param)


def test_it_is_complete_and_says_nothing_unknown(catalogue: Catalogue) -> None:
    assert catalogue.keys == template()


def test_placeholders_are_those_of_english(catalogue: Catalogue) -> None:
    english = catalogue_of("en")
    for key in catalogue.keys:
        assert placeholders(catalogue._messages[key]) == placeholders(english._messages[key]), key


def test_every_label_fits_a_button_and_no_two_of_a_question_are_alike(catalogue: Catalogue) -> None:
    for question in QUESTIONS.values():
        labels = [catalogue.label(choice) for choice in question.choices]
        assert len(set(labels)) == len(labels), question.id
        assert all(0 < len(label) <= MOST_LABEL_CHARS for label in labels if not label.startswith("nationality")), (
            labels
        )


def test_what_is_seen_first_on_a_searched_phone_is_discreet(catalogue: Catalogue) -> None:
    seen = " ".join(catalogue._messages[key] for key in FIRST_SEEN).casefold()
    assert not [word for word in LOUD[catalogue.language.code] if word in seen]


def test_the_words_it_tells_for_stop_erase_and_skip_are_understood(catalogue: Catalogue) -> None:
    for wish in ("stop", "erase", "skip", "done"):
        assert command(catalogue.label(wish), shipped()) == wish


def test_it_is_written_in_normal_form_without_stray_blanks(catalogue: Catalogue) -> None:
    for key, words in catalogue._messages.items():
        assert words == unicodedata.normalize("NFC", words), key
        assert key == "separator" or words == words.strip(), key
        assert not regex.search(r"\{[^a-z_}]|\s{3,}", words), key


def test_every_language_says_whether_a_person_has_read_it() -> None:
    for code, language in LANGUAGES.items():
        header = (FOLDER / language.catalogue / "LC_MESSAGES" / "quietline.po").read_text().partition("msgid")[0]
        assert bool(language.reviewed_by) != ("reviewed by nobody" in header), code


def test_an_emergency_number_is_in_the_first_message(catalogue: Catalogue) -> None:
    assert catalogue.language.emergency in catalogue.text(Say("welcome"))
