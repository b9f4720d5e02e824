"""Promises that hold in every history (bench/histories.py), and would be missed if they did not."""

from dataclasses import replace

import pytest

from bench import histories
from bot.interview.advance import advance
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.model.reply import Say
from bot.model.session import Session


def test_the_promises_hold_in_two_thousand_histories() -> None:
    histories.histories(2_000)()


def loses_a_report(session: Session) -> Outcome:
    return Outcome(session)


def asks_twice(session: Session, _: Heard) -> Outcome:
    return Outcome(session, (Say("ask_count", question="ask_count"),))


def forgets_what_was_sealed(session: Session, heard: Heard) -> Outcome:
    outcome = advance(session, heard)
    return replace(
        outcome,
        session=replace(
            outcome.session, report=replace(outcome.session.report, evidence=outcome.session.report.evidence[-1:])
        ),
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("fall_silent", loses_a_report),
        ("advance", asks_twice),
        ("advance", forgets_what_was_sealed),
    ],
)
def test_a_broken_promise_is_noticed(name: str, wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, name, wrong)

    with pytest.raises(histories.Broken):
        histories.histories(500)()
