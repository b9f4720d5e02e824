"""Which language a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language import UNKNOWN, identify, others
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
    ("saya disekap di sini gak bisa keluar", "id"),
    ("sy kena kurung kat sini tak boleh keluar", "ms"),
    ("hindi kami makalabas dito", "fil"),
    ("mujhe yahan se nikalo", "hi"),
    ("knhom nov poipet ke chab knhom", "km"),
    ("मलाई यहाँबाट निकाल्नुस्", "ne"),
    ("मुझे यहाँ से निकालो", "hi"),
    ("مجھے یہاں سے نکالو", "ur"),
    ("ساعدوني أنا محبوس هنا", "ar"),
    ("እርዱኝ", "am"),
    ("ຊ່ວຍແດ່", "lo"),
    ("ကယ်ပါ", "my"),
    ("উদ্ধার করুন", "bn"),
    ("உதவி", "ta"),
    ("උදව්", "si"),
    ("aidez moi je suis avec mon frère", "fr"),
    ("助けてください", "ja"),
    ("私は日本人です", "ja"),
    ("도와주세요", "ko"),
    ("ช่วยด้วย", "th"),
    ("помогите", "ru"),
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


def test_a_mixed_message_has_a_main_language_and_others() -> None:
    text = "គេដកហូត passport របស់ខ្ញុំ យើងនៅប៉ោយប៉ែត. please help us"

    assert identify(text) == "km"
    assert others(text, "km") == ("en",)
    assert others("we are locked in. please help", "en") == ()
