"""Which language a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import UNKNOWN, identify
from nlu.taxonomy import LANGUAGES

TEXTS = [
    ("we are locked in please help", "en"),
    ("ok", "en"),
    ("他们把门锁了", "zh-Hans"),
    ("他們把門鎖了", "zh-Hant"),
    ("人在哪里", "zh-Hans"),
    ("គេចាក់សោទ្វារ", "km"),
    ("គេយក passport របស់ខ្ញុំ", "km"),
    ("họ giữ hộ chiếu của tôi", "vi"),
    ("toi bi nhot o day giup toi voi", "vi"),
    ("我在 Sihanoukville 的园区", "zh-Hans"),
    ("saya dikurung di sini tolong saya", "und"),
    ("aidez moi je suis avec mon frère", "und"),
    ("助けてください", "und"),
    ("私は日本人です", "und"),
    ("도와주세요", "und"),
    ("ช่วยด้วย", "und"),
    ("помогите", "und"),
    ("12 😀", "und"),
    ("", "und"),
    ("https://example.com/the-door-is-locked", "und"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS, ids=range(len(TEXTS)))
def test_the_language_is_told(text: str, language: str) -> None:
    assert identify(text) == language


@given(st.text())
def test_any_text_has_one_of_our_languages_or_none(text: str) -> None:
    assert identify(text) in {*LANGUAGES, UNKNOWN}
