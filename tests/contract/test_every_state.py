"""Every language through everything that can be said, on each channel's limits."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from bot.channels.telegram.channel import Telegram
from bot.channels.text import pieces, units
from bot.i18n import receipts
from bot.i18n.catalogue import Catalogue, catalogue_of
from bot.i18n.languages import LANGUAGES
from bot.interview import asides, decoy
from bot.interview.asking import alarmed, ask, finish, welcome_back
from bot.interview.script import QUESTIONS
from bot.interview.tongue import offer_languages
from bot.model.codes import COUNT_BANDS, KEPT_FROM, Basis, Handling, PartKind, Role, Window
from bot.model.reply import Say
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from nlu.taxonomy import INDICATORS, PROVINCES

BUTTON_BYTES = 64
PRIVATE = {"advisor_says": "Which floor?"}


def full(province: str, band: str, role: Role) -> Report:
    """Give a report that says all that one can."""
    report = Report(evidence=(PartKind.WORDS,) * 5, moved=True)
    held = [
        (Slot.ROLE, [role]),
        (Slot.PROVINCE, [province]),
        (Slot.PEOPLE_COUNT, [band]),
        (Slot.NATIONALITY, ["CN", "VN", "TW", "KE"]),
        (Slot.MINOR, ["yes"]),
        (Slot.INDICATOR, INDICATORS),
        (Slot.CONTACT, [Window.EVENING]),
        (Slot.RESTRICTION, KEPT_FROM),
    ]
    for slot, values in held:
        for value in values:
            report = report.keep(Answer(slot, value, Basis.ANSWERED))
    return report


def everything(language: str, catalogue: Catalogue) -> Iterator[tuple[Say, ...]]:
    """Give every reply that the program can make of its sentences."""
    empty = Session(UUID(int=1), "web", language=language)
    for question in QUESTIONS.values():
        yield (Say("welcome"), *ask(empty, question).say)
        yield welcome_back(replace(empty, pending=question.id))
    bands = [COUNT_BANDS[number % len(COUNT_BANDS)] for number in range(len(PROVINCES))]
    for number, province in enumerate(sorted(PROVINCES)):
        yield finish(replace(empty, report=full(province, bands[number], list(Role)[number % 4]))).say
    for code in INDICATORS:
        told = (
            Report().keep(Answer(Slot.INDICATOR, code, Basis.STATED)).keep(Answer(Slot.ROLE, "affected", Basis.STATED))
        )
        if said := alarmed(empty, replace(empty, report=told)):
            yield said
    for key in set(asides.ASIDES.values()):
        for handling in (None, *Handling):
            yield asides.answer(replace(empty, handling=handling), key)
    yield (Say("advisor_says"), Say("noted"))
    yield (Say("receipt_given"),)
    yield (offer_languages(),)
    for choice in decoy.CHOICES:
        yield (Say(choice, choices=decoy.CHOICES),)
    for key in sorted(catalogue.keys):
        if not key.startswith(("summary_", "label.", "advisor", "receipt_given", "embassy", "language_changed")):
            yield (Say(key),)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


def test_whatever_is_said_is_whole_in_every_language(language: str) -> None:
    catalogue = catalogue_of(language)
    private = {**PRIVATE, "words": receipts.made(language, lambda words: words[0])}
    for says in everything(language, catalogue):
        reply = catalogue.reply(says, private)
        assert reply.text.strip()
        assert "{" not in reply.text
        assert "}" not in reply.text
        _fits_telegram(reply.text)
        assert all(len(choice.id.encode()) <= BUTTON_BYTES - 20 for choice in reply.choices)
        assert len(reply.choices) <= Telegram.capabilities.max_choices


def _fits_telegram(text: str) -> None:
    """Cut for Telegram, nothing is lost but blanks, and no sign is parted from its letter."""
    cut = pieces(text, Telegram.capabilities.max_text_units)
    assert all(units(piece) <= Telegram.capabilities.max_text_units for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert not [piece for piece in cut if unicodedata.combining(piece[0])]


def test_a_right_to_left_language_says_so_and_no_other(language: str) -> None:
    words = catalogue_of(language).word("welcome")
    letters = [unicodedata.bidirectional(char) for char in words]
    rightward = sum(kind in ("R", "AL") for kind in letters) > len(letters) / 4

    assert (LANGUAGES[language].direction == "rtl") == rightward
