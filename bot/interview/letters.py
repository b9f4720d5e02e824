"""An advisor's words on their way to the reporter. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from bot.interview.closing import refile
from bot.interview.outcome import Outcome
from bot.model.codes import Window
from bot.model.reply import Say
from bot.model.report import Slot
from bot.model.session import Session

CAMBODIA = timezone(timedelta(hours=7))
_HOURS = {
    Window.MORNING: range(6, 12),
    Window.AFTERNOON: range(12, 18),
    Window.EVENING: range(18, 22),
    Window.NIGHT: (22, 23, 0, 1, 2, 3, 4, 5),
}


def arrived(session: Session) -> Outcome:
    """Take a letter into the drawer: the ticket says that it waits."""
    return refile(replace(session, waits=True))


def may_arrive(session: Session) -> bool:
    """Tell whether the reporter wants to hear of the hotline at all."""
    return _window(session) is not Window.NEVER


def given(outcome: Outcome) -> Outcome:
    """Put the letters before what is said; the ticket says that none waits any more."""
    session = replace(outcome.session, waits=False)
    filed = replace(outcome, session=session) if outcome.file else refile(session)
    return replace(outcome, session=filed.session, file=filed.file, say=(Say("advisor_says"), *outcome.say))


def can_be_given(outcome: Outcome) -> bool:
    """Tell whether this reply may hold letters: one that is said anyway, in a chat that goes on in the open."""
    after = outcome.session
    return bool(outcome.say) and not (outcome.erase or outcome.leaves or after.hidden or after.confirming)


def is_hour(session: Session, now: datetime) -> bool:
    """Tell whether the reporter chose to hear of the hotline at this time of day, and asked for no silence since."""
    hours = _HOURS.get(_window(session), ())
    return not (session.hidden or session.stopped) and now.astimezone(CAMBODIA).hour in hours


def _window(session: Session) -> Window:
    return Window(session.report.value(Slot.CONTACT) or Window.WHEN_THEY_WRITE)
