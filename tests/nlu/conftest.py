"""A small lexicon of several languages, so that these tests say what rules do and not what the shipped words are."""

import tomllib

import pytest

from nlu.lexicon import Lexicon
from nlu.lexicon.words import build

_SMALL = """
[command]
yes = ["yes", "ok", "có", "是", "បាទ"]
no = ["no", "không"]
stop = ["stop"]
dont_know = ["don't know"]
hello = ["hello"]
[danger]
imminent_danger = ["tonight they will sell", "sắp bán tôi"]
physical_or_sexual_violence = ["beat me", "hit me", "打我", "វាយខ្ញុំ", "bị đánh"]
[negation]
before = ["not", "nobody", "never", "没有", "không", "មិន"]
after = ["ទេ"]
[number]
one = 1
two = 2
seven = 7
ten = 10
twelve = 12
twenty = 20
hundred = 100
"七" = 7
"十" = 10
"二" = 2
"bảy" = 7
"hai" = 2
"mươi" = 10
"ប្រាំពីរ" = 7
[count]
people = ["people", "of us", "workers", "个人", "人", "người", "នាក់"]
alone = ["just me"]
[age]
before = ["age", "អាយុ"]
after = ["years old", "岁", "tuổi"]
[nationality]
VN = ["vietnamese", "vietnam", "việt nam", "越南"]
CN = ["chinese", "china", "trung quốc", "中国"]
KH = ["cambodian", "cambodia"]
US = ["mỹ"]
[place]
"KH-1" = ["poipet", "ប៉ោយប៉ែត", "波贝"]
"KH-20" = ["bavet", "bà vẹt", "បាវិត", "巴域"]
"KH-9" = ["koh kong"]
"KH-12" = ["phnom penh", "金边"]
"KH-22" = ["o'smach"]
"KH-23" = ["kep"]
"KH-18" = ["preah sihanouk", "西港"]
[cue]
not = ["not", "不是", "không phải"]
origin = ["from", "left", "从"]
present = ["now in", "writing from", "现在在"]
near = ["near"]
future = ["will", "if", "要", "nếu"]
within = ["in", "to", "back to"]
others = ["boss", "guards", "老板", "ông chủ"]
crowd = ["in one room"]
counted = ["we are"]
"""


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return build([tomllib.loads(_SMALL)])
