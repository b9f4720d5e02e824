"""The harmless assistant that a hidden chat plays. It knows the weather and the exchange rate, from a fixed table."""

from bot.interview.heard import Heard
from bot.interview.outcome import Outcome
from bot.model.message import Chosen, Text
from bot.model.reply import Say
from bot.model.session import Session

CHOICES = ("decoy.weather", "decoy.rate")


def greeting() -> Say:
    """Greet, as if the chat had never been anything else."""
    return Say("decoy.hello", choices=CHOICES)


def play(session: Session, heard: Heard) -> Outcome:
    """Answer anything harmlessly. Nothing is kept, and nothing of before is shown."""
    return Outcome(session, (Say(_topic(heard), choices=CHOICES),))


def _topic(heard: Heard) -> str:
    match heard.message:
        case Chosen(choice) if choice in CHOICES:
            return choice
        case Text() if heard.choices and heard.choices[0] in CHOICES:
            return heard.choices[0]
        case Text() if heard.command == "hello":
            return "decoy.hello"
        case _:
            return "decoy.sorry"
