"""Everything that can be said, in each language: what the contracts of languages and of channels run over."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from bot.i18n import receipts
from bot.i18n.catalogue import Catalogue, catalogue_of
from bot.interview import asides, decoy
from bot.interview.asking import alarmed, ask, finish, welcome_back
from bot.interview.script import QUESTIONS
from bot.interview.tongue import offer_languages
from bot.model.codes import COUNT_BANDS, KEPT_FROM, Basis, Handling, PartKind, Role, Window
from bot.model.reply import Reply, Say
from bot.model.report import Answer, Report, Slot
from bot.model.session import Session
from nlu.taxonomy import INDICATORS, PROVINCES

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


def replies(language: str) -> Iterator[Reply]:
    """Give everything in the words of one language."""
    catalogue = catalogue_of(language)
    private = {**PRIVATE, "words": receipts.made(language, lambda words: words[0])}
    for says in everything(language, catalogue):
        yield catalogue.reply(says, private)
