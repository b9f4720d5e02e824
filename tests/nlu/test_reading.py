"""An answer of the server may be any JSON at all."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.lexicon import Lexicon, shipped
from nlu.reading import BadAnswer, read_answer

TEXT = "7 of us in bavet"


def answer(**changes: Any) -> dict[str, Any]:
    good = {
        "text": TEXT,
        "intent": {"name": "report_self", "confidence": 0.9},
        "entities": [
            {"start": 11, "end": 16, "entity": "place", "value": "KH-20"},
            {"start": 0, "end": 1, "entity": "people_count", "value": "7"},
        ],
        "indicators": [{"code": "isolation", "confidence": 0.7}],
        "language": "en",
        "facts": {"province": "KH-20", "people_count": 7, "nationalities": ["VN"], "ages": [20]},
    }
    return {**good, **changes}


def test_a_good_answer_is_read_whole(lexicon: Lexicon) -> None:
    found = read_answer(answer(), TEXT, lexicon)

    assert (found.intent, found.language, found.by_server) == ("report_self", "en", True)
    assert (found.province, found.people_count, found.nationalities, found.ages) == ("KH-20", 7, ("VN",), (20,))
    assert [(entity.text, entity.value) for entity in found.entities] == [("7", "7"), ("bavet", "KH-20")]


def test_danger_words_are_added_to_what_the_server_says(lexicon: Lexicon) -> None:
    found = read_answer(answer(), "they beat me", lexicon)

    assert [indicator.code for indicator in found.indicators] == ["isolation", "physical_or_sexual_violence"]


def test_codes_outside_the_taxonomy_are_dropped(lexicon: Lexicon) -> None:
    found = read_answer(
        answer(
            intent={"name": "nlu_fallback", "confidence": 0.3},
            indicators=[{"code": "happiness", "confidence": 1}],
            entities=[{"start": 0, "end": 1, "entity": "mood", "value": "x"}],
            facts={"province": "KH-99", "people_count": -4, "nationalities": ["Vietnam", 3], "ages": [900, True]},
        ),
        TEXT,
        lexicon,
    )

    assert (found.intent, found.confidence, found.indicators, found.entities) == (None, 0.0, (), ())
    assert (found.province, found.people_count, found.nationalities, found.ages) == (None, None, (), ())


def test_without_our_own_steps_the_facts_come_from_the_words(lexicon: Lexicon) -> None:
    plain = answer()
    del plain["facts"], plain["language"], plain["indicators"]

    found = read_answer(plain, TEXT, lexicon)

    assert (found.province, found.people_count, found.language) == ("KH-20", 7, "en")


def test_an_entity_outside_the_text_is_dropped(lexicon: Lexicon) -> None:
    wild = [
        {"start": a, "end": b, "entity": "place", "value": "KH-1"} for a, b in ((-1, 3), (3, 3), (0, 999), ("0", 4))
    ]

    assert read_answer(answer(entities=wild), TEXT, lexicon).entities == ()


WRONG = [
    None,
    [],
    "ok",
    {},
    answer(intent="report_self"),
    answer(intent={"name": "greet", "confidence": float("nan")}),
    answer(intent={"name": "greet", "confidence": 7}),
    answer(intent={"name": "greet", "confidence": 10**400}),
    answer(indicators={"isolation": 1}),
    answer(indicators=["isolation"]),
    answer(indicators=[{"code": "isolation", "confidence": "high"}]),
    answer(entities=3),
    answer(facts=[]),
    answer(facts={"nationalities": "VN"}),
]


@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
def test_a_wrong_shape_is_told_without_its_content(wrong: object, lexicon: Lexicon) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_answer(wrong, TEXT, lexicon)

    assert len(str(caught.value)) < 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["intent", "name", "confidence", "entities", "indicators", "code", "facts", "ages", "start"]
            ),
            inner,
        )
    ),
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        read_answer(json.loads(json.dumps(value)), "x", shipped())
    except BadAnswer:
        return


@pytest.mark.parametrize(
    ("text", "marked", "value"),
    [
        ("my brother is gone", (3, 10), "relative"),
        ("my younger brother is gone", None, "relative"),
        ("he is gone", None, None),
    ],
    ids=["marked", "found by the words", "nobody"],
)
def test_a_relation_has_its_code_from_the_words(text: str, marked: tuple[int, int] | None, value: str | None) -> None:
    entities = [{"entity": "relation", "start": marked[0], "end": marked[1]}] if marked else []
    found = read_answer(answer(entities=entities), text, shipped())

    assert [e.value for e in found.entities if e.entity == "relation"] == ([value] if value else [])
