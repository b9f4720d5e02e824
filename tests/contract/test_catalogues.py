"""Contract of every language: complete, with the right placeholders, labels that fit, and a discreet first screen."""

import secrets
import string
import unicodedata
from collections.abc import Sequence

import pytest
import regex
from babel.messages.pofile import read_po

from bot.i18n import receipts
from bot.i18n.catalogue import Catalogue, catalogue_of
from bot.i18n.fold import fold
from bot.i18n.languages import FOLDER, LANGUAGES
from bot.interview.asking import offering
from bot.interview.resolve import resolve
from bot.interview.script import QUESTIONS
from bot.model.reply import Say
from bot.turns.hearing import labels
from nlu.lexicon import command, shipped

MOST_LABEL_CHARS = 20
FIRST_SEEN = (
    "welcome",
    "ask_safe",
    "web.title",
    "command.start",
    "command.stop",
    "command.erase",
    "command.language",
    "command.receipt",
    "erased",
    "erased_old",
    "erased_by_hand",
    "erased_nothing",
    "stopped",
    "label.stop",
    "label.erase",
    "label.receipt",
    "label.hide",
    "decoy.hello",
    "decoy.sorry",
)


def template() -> frozenset[str]:
    with (FOLDER / "quietline.pot").open("rb") as file:
        return frozenset(_key(message.id) for message in read_po(file) if message.id)


def _key(id_: str | Sequence[str]) -> str:
    return id_ if isinstance(id_, str) else id_[0]


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
        wanted = placeholders(english.forms(key)[-1])
        assert all(placeholders(form) <= wanted for form in catalogue.forms(key)), key
        assert placeholders(catalogue.forms(key)[-1]) == wanted, key


def test_every_label_fits_a_button_and_no_two_of_a_question_are_alike(catalogue: Catalogue) -> None:
    for question in QUESTIONS.values():
        labels = [catalogue.label(choice) for choice in question.choices]
        assert len({fold(label) for label in labels}) == len(labels), question.id
        assert all(0 < len(label) <= MOST_LABEL_CHARS for label in labels if not label.startswith("nationality")), (
            labels
        )


def test_what_is_seen_first_on_a_searched_phone_is_discreet(catalogue: Catalogue) -> None:
    seen = " ".join(catalogue.word(key) for key in FIRST_SEEN).casefold()
    assert not [word for word in catalogue.language.loud if word in seen]


def test_the_words_it_tells_for_stop_erase_and_skip_are_understood(catalogue: Catalogue) -> None:
    for wish in ("stop", "erase", "skip", "done", "receipt", "hide"):
        assert command(catalogue.label(wish), shipped()) == wish


def test_it_is_written_in_normal_form_without_stray_blanks(catalogue: Catalogue) -> None:
    for key, words in [(each, form) for each in catalogue.keys for form in catalogue.forms(each)]:
        assert words == unicodedata.normalize("NFC", words), key
        assert key == "separator" or words == words.strip(), key
        assert not regex.search(r"\{[^a-z_}]|\s{3,}", words), key


def test_every_language_says_whether_a_person_has_read_it() -> None:
    for code, language in LANGUAGES.items():
        header = (FOLDER / language.catalogue / "LC_MESSAGES" / "quietline.po").read_text().partition("msgid")[0]
        assert bool(language.reviewed_by) != ("reviewed by nobody" in header), code


def test_every_label_typed_at_its_question_is_that_choice(catalogue: Catalogue) -> None:
    for question in QUESTIONS.values():
        for choice in question.choices:
            found = resolve(catalogue.label(choice), question.id, labels())
            assert found == (choice,) or found[0].startswith("language:"), (question.id, choice)


def test_each_plural_says_its_number(catalogue: Catalogue) -> None:
    for number in (1, 2, 3, 5, 11, 21, 100):
        assert str(number) in catalogue.text(Say("summary_sealed", {"parts": str(number)})) or number in (1, 2)


def test_a_receipt_has_64_bits_and_one_reading(catalogue: Catalogue) -> None:
    listed = [fold(word) for word in receipts.words(catalogue.language.code)]
    assert len(set(listed)) == receipts.LISTED
    assert not [word for word in listed for other in listed if word != other and word.startswith(other)]
    made = receipts.made(catalogue.language.code, secrets.choice)
    assert receipts.read(made) == receipts.read(made.replace(" ", "")) == receipts.read(f" {made.upper()} .")
    assert receipts.read(" ".join(made.split()[:-1])) is None


def test_every_choice_has_a_sign_that_needs_no_reading(catalogue: Catalogue) -> None:
    for question in QUESTIONS.values():
        signs = [choice.sign for choice in catalogue.reply((offering(Say("noted"), question),)).choices]
        parts = 2 if question.is_numbered else 1  # else a number is an answer, and no choice
        assert all(len(sign.split()) == parts for sign in signs[:-1]), question.id
        assert signs[-1].startswith("0"), "danger is last, under nought"


def test_an_emergency_number_is_in_the_first_message(catalogue: Catalogue) -> None:
    assert catalogue.language.emergency in catalogue.text(Say("welcome"))
