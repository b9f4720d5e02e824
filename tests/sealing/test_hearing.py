"""What the page hears in words before it seals them: never less than the server's lists do, in any language."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.i18n.languages import LANGUAGES
from bot.model.triage import HEARD_IN_PAGE
from bot.web.listening import listened_for
from nlu.lexicon import shipped
from nlu.lexicon.facts import indicators_of
from nlu.lexicon.words import DATA, read
from nlu.normal import forms

SCRIPT = Path(__file__).resolve().parents[2] / "bot" / "web" / "static" / "hearing.js"
type Ear = Callable[[str], set[str]]


def ear(code: str) -> Ear:
    """The page's ear, in an engine of 2021."""
    quickjs = pytest.importorskip("quickjs", reason="has no wheel for this Python")
    engine = quickjs.Context()
    engine.eval("globalThis.window = globalThis;" + SCRIPT.read_text())
    engine.set("listed", json.dumps({**listened_for(code)}))
    engine.eval("var known = window.hearing.learned(JSON.parse(listed))")
    heard = engine.eval("(text) => JSON.stringify(window.hearing.dangersIn(text, known))")
    return lambda text: set(json.loads(heard(text)))


def spellings(phrase: str) -> Iterator[str]:
    yield phrase
    yield phrase.upper()
    yield forms(phrase)[1]
    yield f"Kingfisher-77, {phrase}!"


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_hears_what_the_server_hears(code: str) -> None:
    hears = ear(code)
    dangers = read(DATA / code / "lexicon.toml")["danger"]
    typed = [text for danger in HEARD_IN_PAGE for phrase in dangers.get(danger, []) for text in spellings(phrase)]

    assert [
        text for text in typed if not HEARD_IN_PAGE.intersection(indicators_of(text, shipped())) <= hears(text)
    ] == []


SAID = {
    "Lan, 15 years old": "child_involved",
    "Lan 15-year-old": "child_involved",
    "Lan, 15 tuổi": "child_involved",
    "小蓝15岁": "child_involved",
    "小藍 １５歲": "child_involved",
    "អាយុ ១៥": "child_involved",
    "សុខ អាយុ១៧ បន្ទប់ ៥": "child_involved",
    "age: 9": "child_involved",
    "dang bi danh sap chet": "imminent_danger",
    "ĐANG BỊ ĐÁNH SẮP CHẾT": "imminent_danger",
}


@pytest.mark.parametrize(("text", "danger"), SAID.items())
def test_it_hears_danger_and_a_childs_age_in_the_languages_of_most_whatever_the_page_speaks(
    text: str, danger: str
) -> None:
    assert ear("ru")(text) == {danger}


ARABIC_TYPED = {"ی": "ي", "ہ": "ه", "ک": "ك", "ا": "أ"}


def test_letters_that_look_the_same_are_the_same() -> None:
    khmer, arabic, heard = ear("km"), ear("ar"), 0
    for phrases in listened_for("km", "ar")["dangers"].values():
        for phrase in phrases:
            other = phrase.replace("្ត", "្ដ") if "្ត" in phrase else phrase.replace("្ដ", "្ត")
            for meant, typed in ARABIC_TYPED.items():
                other = other.replace(typed, meant)
            if other != phrase:
                heard += 1
                assert khmer(other) or arabic(other), other
    assert heard > 50


NOTHING = (
    "Nguyễn Văn Đâu",
    "my daughter Dau, 30 years old",
    "room 15, Kingfisher",
    "2015, 18 tuổi",
    "passport 1500, floor 16",
    "age 25, floor 7",
    "",
    "7",
)


@pytest.mark.parametrize("text", NOTHING)
def test_names_rooms_and_grown_people_are_no_danger(text: str) -> None:
    assert ear("en")(text) == set()


def test_a_word_that_holds_the_number_says_that_it_is_no_age() -> None:
    assert ear("th")("วีซ่าหมดอายุ 2 เดือน") == set()
    assert ear("th")("น้องอายุ 12") == {"child_involved"}


def test_a_hundred_thousand_characters_are_heard_as_far_as_the_server_hears_them() -> None:
    assert ear("en")("Kingfisher " * 10_000 + "15 years old") == set()
    assert ear("en")("15 years old, " + "Kingfisher " * 10_000) == {"child_involved"}
