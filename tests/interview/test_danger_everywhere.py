"""Danger is noticed in every language by word lists alone, at every step, and files at once."""

from dataclasses import replace

import pytest

from bot.i18n.languages import LANGUAGES
from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.interview.script import QUESTIONS
from bot.model.codes import DANGER
from bot.model.message import Chosen, Text
from bot.model.private import Private
from bot.model.triage import IMMEDIATE
from nlu.lexicon import shipped, understand_by_words
from nlu.lexicon.words import DATA, read
from tests.interview.talking import SESSION, said

ACKNOWLEDGED = {"danger_ack", "child_ack", "self_harm_ack"}


def phrases(language: str) -> list[tuple[str, str]]:
    table = read(DATA / language / "lexicon.toml")["danger"]
    return [(code, words[0]) for code, words in table.items() if code in IMMEDIATE]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_of_each_danger_files_at_every_step(language: str) -> None:
    found = phrases(language)
    assert {code for code, _ in found} == IMMEDIATE
    for code, phrase in found:
        understood = understand_by_words(phrase, shipped())
        for pending in (None, *QUESTIONS):
            waiting = replace(SESSION, language=language, pending=pending, asked=(pending,) if pending else ())
            outcome = advance(waiting, Heard(Text(Private(phrase)), understood))

            assert outcome.file, (code, pending)
            assert ACKNOWLEDGED & set(said(outcome)), (code, pending)


@pytest.mark.parametrize("pending", QUESTIONS)
def test_the_danger_sign_is_offered_and_understood_with_every_question(pending: str) -> None:
    waiting = replace(SESSION, pending=pending, asked=(pending,))
    outcome = advance(waiting, Heard(Chosen(DANGER, pending)))

    assert QUESTIONS[pending].choices[-1] == DANGER
    assert outcome.file
    assert "danger_ack" in said(outcome)
