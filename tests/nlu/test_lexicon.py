"""What the word lists find, rule by rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.lexicon import Lexicon, command, facts, shipped, understand_by_words

PLACES = [
    ("im in bavet", "KH-20"),
    ("BAVET!!", "KH-20"),
    ("ba vet", "KH-20"),
    ("o\u2019smach casino", "KH-22"),
    ("poi\u200bpet", "KH-1"),
    ("គាត់នៅបាវិតឥឡូវ", "KH-20"),
    ("人在波贝园区", "KH-1"),
    ("keeper", None),
    ("from Poipet now in Bavet", "KH-20"),
    ("not Bavet, Poipet", "KH-1"),
    ("Poipet not Bavet", "KH-1"),
    ("they will send us to Koh Kong", None),
    ("we are in poipet, they will send us to koh kong", "KH-1"),
    ("taken from phnom penh to bavet", "KH-20"),
    ("from phnom penh", None),
    ("near bavet", "KH-20"),
    ("writing from poipet", "KH-1"),
    ("不是西港，是波贝", "KH-1"),
    ("从金边到波贝", "KH-1"),
    ("nếu bavet", None),
    ("không phải bavet, poipet", "KH-1"),
    ("poipet, then bavet", "KH-20"),
]


@pytest.mark.parametrize(("text", "province"), PLACES, ids=range(len(PLACES)))
def test_the_province_is_where_the_people_are(text: str, province: str | None, lexicon: Lexicon) -> None:
    assert facts(text, lexicon).province == province


COUNTS = [
    ("12 of us", 12),
    ("seven people", 7),
    ("我们七个人", 7),
    ("我们十二个人", 12),
    ("二十个人", 20),
    ("៧នាក់", 7),
    ("ប្រាំពីរនាក់", 7),
    ("bảy người", 7),
    ("bay nguoi", 7),
    ("hai mươi người", 20),
    ("twenty two workers", 22),
    ("two hundred people", 200),
    ("1,200 people", 1200),
    ("7 vietnamese workers", 7),
    ("we are 7 vietnamese in bavet", 7),
    ("5 chinese bosses", None),
    ("3 chinese companies here", None),
    ("we are 12", 12),
    ("just me", 1),
    ("not 12 people, 7 people", 7),
    ("20 people in one room", None),
    ("we are 12 hours from here", None),
    ("call 0123456789 people", None),
    ("floor 3", None),
    ("0 people", None),
    ("99999 people", None),
]


@pytest.mark.parametrize(("text", "count"), COUNTS, ids=range(len(COUNTS)))
def test_people_are_counted_in_digits_and_words(text: str, count: int | None, lexicon: Lexicon) -> None:
    assert facts(text, lexicon).people_count == count


NATIONALITIES = [
    ("7 vietnamese workers", ("VN",)),
    ("chinese and vietnamese", ("CN", "VN")),
    ("the chinese boss", ()),
    ("ông chủ Trung Quốc", ()),
    ("中国老板", ()),
    ("from vietnam", ("VN",)),
    ("in cambodia", ()),
    ("sent back to vietnam", ()),
    ("my friend", ()),
    ("viet nam", ("VN",)),
]


@pytest.mark.parametrize(("text", "codes"), NATIONALITIES, ids=range(len(NATIONALITIES)))
def test_nationalities_are_those_of_the_people_affected(text: str, codes: tuple[str, ...], lexicon: Lexicon) -> None:
    assert facts(text, lexicon).nationalities == codes


AGES = [
    ("she is 15 years old", (15,), ("child_involved",)),
    ("age: 17", (17,), ("child_involved",)),
    ("អាយុ ១៦", (16,), ("child_involved",)),
    ("她十七岁", (17,), ("child_involved",)),
    ("25 tuổi", (25,), ()),
    ("15 years", (), ()),
]


@pytest.mark.parametrize(("text", "ages", "indicators"), AGES, ids=range(len(AGES)))
def test_an_age_under_18_is_a_child(
    text: str, ages: tuple[int, ...], indicators: tuple[str, ...], lexicon: Lexicon
) -> None:
    found = facts(text, lexicon)

    assert (found.ages, found.indicators) == (ages, indicators)


DANGERS = [
    ("they beat me", True),
    ("they BEAT ME every day", True),
    ("nobody beat me", False),
    ("not good, they beat me", True),
    ("did not ever hit me", False),
    ("他们打我", True),
    ("没有打我", False),
    ("គេវាយខ្ញុំ", True),
    ("គេមិនវាយខ្ញុំទេ", False),
    ("tôi bị đánh", True),
    ("toi bi danh", True),
    ("không bị đánh", False),
]


@pytest.mark.parametrize(("text", "stated"), DANGERS, ids=range(len(DANGERS)))
def test_a_danger_phrase_counts_unless_denied(text: str, *, stated: bool, lexicon: Lexicon) -> None:
    assert ("physical_or_sexual_violence" in facts(text, lexicon).indicators) is stated


COMMANDS = [
    ("Yes!", "yes"),
    ("ok 👍", "yes"),
    ("CÓ", "yes"),
    ("khong", "no"),
    ("是。", "yes"),
    ("បាទ", "yes"),
    ("Don't know...", "dont_know"),
    ("don\u2019t  know", "dont_know"),
    ("yes they locked us in", None),
    ("", None),
    ("👍", None),
]


@pytest.mark.parametrize(("text", "word"), COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_is_a_whole_short_message(text: str, word: str | None, lexicon: Lexicon) -> None:
    assert command(text, lexicon) == word


def test_entities_stand_where_the_words_stand_and_carry_codes(lexicon: Lexicon) -> None:
    text = "so 7 people, Việt Nam, in BAVET"

    spans = facts(text, lexicon).spans

    assert [(text[span.start : span.end], span.entity.value) for span in spans] == [
        ("7", "7"),
        ("Việt Nam", "VN"),
        ("BAVET", "KH-20"),
    ]


def test_an_entity_does_not_show_its_words(lexicon: Lexicon) -> None:
    assert "BAVET" not in repr(facts("in BAVET", lexicon))


def test_without_the_server_a_command_has_an_intent_and_a_story_none(lexicon: Lexicon) -> None:
    yes, story = understand_by_words("yes", lexicon), understand_by_words("they beat me in bavet", lexicon)

    assert (yes.intent, yes.by_server) == ("affirm", False)
    assert (story.intent, story.province) == (None, "KH-20")
    assert [indicator.code for indicator in story.indicators] == ["physical_or_sexual_violence"]


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    understand_by_words(text, shipped())


def test_a_long_text_takes_little_time_and_its_end_is_not_looked_at(lexicon: Lexicon) -> None:
    assert facts("a" * 5_000 + " bavet", lexicon).province is None
    assert facts("ខ្ញុំ " * 600 + "bavet", lexicon).province == "KH-20"
