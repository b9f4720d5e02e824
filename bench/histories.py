"""Whatever a reporter does, in whatever order: random histories of an interview, and the promises that hold in each.

`uv run python -m bench.histories [--examples 100000] [--quick]` from the repository root. Prints, as the last line, one
JSON object. Tests run a few thousand of the same.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bot.i18n.catalogue import catalogue_of
from bot.interview import decoy, letters
from bot.interview.advance import advance
from bot.interview.closing import fall_silent
from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.interview.script import MOST_QUESTIONS, QUESTIONS, SAFE
from bot.model.codes import PartKind, Status
from bot.model.message import Attachment, Chosen, ContactCard, Left, Pin, Sealed, Start, Text, Unsupported
from bot.model.private import Private
from bot.model.report import Report
from bot.model.session import Session
from bot.model.triage import has_substance
from nlu.taxonomy import INTENTS
from nlu.understanding import Indicator, Understanding

WRITTEN: Final = "Wanjiru 0912345678 Kingfisher"
"""What the reporter writes, whatever is understood of it; no reply may hold a word of it."""
_START: Final = Session(UUID("6e5f3f52-0a39-4a37-8f0d-6f6a0f6c1a11"), "telegram", language="en")
_DAWN: Final = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
_COMMANDS: Final = ("yes", "no", "skip", "dont_know", "stop", "erase", "done", "hello", "language", "receipt", "hide")
_CHOICES: Final = sorted(
    {choice for question in QUESTIONS.values() for choice in question.choices}
    | {"stop", "erase", "done", "language:km", "nonsense", *decoy.CHOICES},
)
_WORDS: Final = Text(Private(WRITTEN))
_UNDERSTOOD: Final = st.builds(
    Understanding,
    intent=st.sampled_from([None, *INTENTS]),
    confidence=st.sampled_from([0.3, 0.9]),
    province=st.sampled_from([None, None, "KH-20", "KH-1"]),
    people_count=st.sampled_from([None, None, 1, 40]),
    nationalities=st.sampled_from([(), (), ("VN",), ("KE", "CN")]),
    ages=st.sampled_from([(), (), (15,), (30,)]),
    indicators=st.lists(
        st.sampled_from(["imminent_danger", "deception", "self_harm_risk", "official_complicity"]), max_size=2
    ).map(lambda codes: tuple(Indicator(code, 0.9) for code in codes)),
)
_FILES: Final = st.sampled_from([PartKind.PHOTO, PartKind.VOICE, PartKind.VIDEO, PartKind.FILE]).map(
    lambda kind: Attachment(kind, Private("h"), Private(WRITTEN), "x/y", caption=Private(WRITTEN))
)
_SEALED: Final = st.builds(
    Sealed,
    st.sampled_from([kind for kind in PartKind if kind is not PartKind.CONTACT]),
    st.just(b"an age file"),
    st.sampled_from([(), (), ("self_harm_risk",), ("child_involved", "imminent_danger")]),
)
_HEARD: Final[SearchStrategy[Heard]] = st.one_of(
    st.builds(
        Heard,
        st.just(_WORDS),
        _UNDERSTOOD,
        retracts=st.sampled_from([False, False, True]),
        after_silence=st.booleans(),
    ),
    st.sampled_from(_COMMANDS).map(lambda word: Heard(_WORDS, command=word)),
    st.sampled_from(_CHOICES).map(lambda choice: Heard(Chosen(choice))),
    st.sampled_from(_CHOICES).map(lambda choice: Heard(_WORDS, choices=(choice,))),
    st.builds(Heard, _FILES, _UNDERSTOOD, lost=st.sampled_from([None, None, "file_lost"])),
    st.sampled_from([Start(), Unsupported(), Left(), ContactCard(Private(WRITTEN))]).map(Heard),
    _SEALED.map(Heard),
    st.just(Heard(Pin(11.0, 106.1), pinned=("KH", "KH-20"))),
    st.just(Heard(replace(_WORDS, edited=True))),
)
type Event = Heard | str
EVENTS: Final = st.lists(st.one_of(_HEARD, _HEARD, _HEARD, st.sampled_from(["silence", "letter", "hour"])), max_size=14)


class Broken(AssertionError):
    """A promise that did not hold."""


@dataclass
class World:
    """What one history has come to: the session, what the hotline knows of it, and letters on their way."""

    session: Session = _START
    hotline: Report | None = None
    letters: int = 0
    now: datetime = _DAWN
    asked: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Let something happen, and hold it against the promises."""
        match event:
            case "silence":
                self._quiet(fall_silent(self.session))
            case "letter":
                self._letter()
            case "hour":
                self._hour()
            case Heard():
                self._heard(event)
            case _:
                raise TypeError

    def _heard(self, heard: Heard) -> None:
        before, outcome = self.session, advance(self.session, heard)
        if self.letters and letters.can_be_given(outcome):
            outcome, self.letters = letters.given(outcome), 0
        _promise(not outcome.say or not isinstance(heard.message, Left), "nothing is said to somebody who left")
        _promise(bool(outcome.say) or isinstance(heard.message, Left) or _is_edit(heard), "everything is answered")
        self._questions(outcome)
        _no_word_of_theirs(outcome)
        if not outcome.erase:
            kept = before.report.evidence
            _promise(outcome.session.report.evidence[: len(kept)] == kept, "what was sealed stays")
        self._file(outcome)

    def _questions(self, outcome: Outcome) -> None:
        asked = [say.question for say in outcome.say if say.question and say.key == say.question]
        _promise(len(asked) <= 1, "one question at a time")
        _promise(not set(asked) & set(self.asked), "no question twice")
        self.asked = [] if outcome.erase else self.asked + [question for question in asked if question]
        _promise(len([id_ for id_ in self.asked if id_ != SAFE.id]) <= MOST_QUESTIONS, "six questions at most")

    def _quiet(self, outcome: Outcome) -> None:
        _promise(not outcome.say, "silence is answered with silence")
        self._file(outcome)

    def _letter(self) -> None:
        if self.session.revision and letters.may_arrive(self.session):
            self.letters += 1
            self._quiet(letters.arrived(self.session))

    def _hour(self) -> None:
        self.now += timedelta(hours=5)
        if self.letters and letters.is_hour(self.session, self.now):
            _promise(not self.session.hidden and not self.session.stopped, "no letter into a hidden or silent chat")
            outcome, self.letters = letters.given(Outcome(self.session)), 0
            self._file(outcome)

    def _file(self, outcome: Outcome) -> None:
        """Keep what the hotline is told; revisions count up by one."""
        filed = outcome.file is not None
        known = self.session.revision
        if outcome.erase:
            _promise(
                (outcome.file is Status.WITHDRAWN) == (self.hotline is not None), "the hotline hears of an erasure"
            )
            self.session, self.hotline, self.letters = _START, None, 0
            return
        _promise(outcome.session.revision == known + filed, "revisions count up by one")
        self.session = outcome.session
        self.hotline = outcome.session.report if filed else self.hotline

    def end(self) -> None:
        """After the last message comes silence: then the hotline knows all that was told."""
        self._quiet(fall_silent(self.session))
        told = self.session.report if has_substance(self.session.report) else None
        _promise(told is None or self.hotline == told, "nothing told is lost")


def _is_edit(heard: Heard) -> bool:
    return isinstance(heard.message, Text) and heard.message.edited


def _no_word_of_theirs(outcome: Outcome) -> None:
    if outcome.say:
        reply = catalogue_of(outcome.session.language).reply(outcome.say, {"words": "w", "advisor_says": "w"})
        shown = " ".join([reply.text, *(choice.label for choice in reply.choices)])
        _promise(not any(word in shown for word in WRITTEN.split()), "no reply holds what the reporter wrote")


def _promise(holds: bool, name: str) -> None:  # noqa: FBT001 - read as a sentence
    if not holds:
        raise Broken(name)


def live(events: Sequence[Event]) -> None:
    """Live one history; raises Broken."""
    world = World()
    for event in events:
        world.take(event)
    world.end()


def histories(examples: int) -> Callable[[], None]:
    """Give a function that lives so many histories; raises Broken at the first that breaks a promise."""
    quick = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    @quick
    @given(EVENTS)
    def every(events: Sequence[Event]) -> None:
        live(events)

    return every


def main() -> None:
    """Live them and say how many and how long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="two thousand")
    options = parser.parse_args()
    examples = 2_000 if options.quick else options.examples
    began = time.monotonic()
    histories(examples)()
    print(json.dumps({"histories": examples, "broken": 0, "seconds": round(time.monotonic() - began, 1)}))


if __name__ == "__main__":
    main()
