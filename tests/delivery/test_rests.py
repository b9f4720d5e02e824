"""When a ticket leaves: an urgent one at once, others with all that rest until the same moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.codes import Urgency
from bot.model.session import Session
from bot.model.triage import urgency
from bot.turns.leaving import BATCHES, leaves_at
from tests.interview.talking import SESSION, tell

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROUTINE = tell(SESSION, "x", province="KH-7").session
URGENT = tell(SESSION, "x", province="KH-7", indicators=["imminent_danger"]).session


def share(of_the_longest: float) -> Callable[[], float]:
    return lambda: of_the_longest


def test_the_two_sessions_of_these_tests_differ_in_urgency() -> None:
    assert urgency(ROUTINE.report) is not Urgency.IMMEDIATE
    assert urgency(URGENT.report) is Urgency.IMMEDIATE


@pytest.mark.parametrize(
    ("longest", "random", "minutes"),
    [(HOUR, 0.0, 0), (HOUR, 0.01, 12), (HOUR, 0.2, 12), (HOUR, 0.21, 24), (HOUR, 1.0, 60), (5 * MINUTE, 0.5, 3)],
)
def test_who_rests_leaves_with_the_next_batch_after_a_random_time(
    longest: timedelta, random: float, minutes: int
) -> None:
    assert leaves_at(ROUTINE, NOON, longest, share(random)) == NOON + minutes * MINUTE


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given one
    st.integers(1, 720),
    st.floats(0, 1),
)
def test_a_batch_is_a_moment_that_says_nothing_of_when_a_report_was_written(
    now: datetime, step_seconds: int, random: float
) -> None:
    step = timedelta(seconds=step_seconds)
    at = leaves_at(ROUTINE, now, BATCHES * step, share(random))

    assert at.timestamp() % step_seconds == 0
    assert timedelta() <= at - (now + BATCHES * step * random) < step


@pytest.mark.parametrize(("session", "longest"), [(URGENT, HOUR), (ROUTINE, timedelta())], ids=["urgent", "no rest"])
def test_who_does_not_rest_leaves_at_once(session: Session, longest: timedelta) -> None:
    assert leaves_at(session, NOON, longest, share(0.5)) == NOON


def test_what_is_urgent_does_not_rest_even_when_it_floods() -> None:
    assert leaves_at(replace(URGENT, low_trust=True), NOON, HOUR, share(0.5)) == NOON
