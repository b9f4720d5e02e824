"""What became of everything that was accepted, by what the hotline has."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Self

from bench.load import Ledger
from bench.receiver import Receiver, Ticket


@dataclass
class Verdict:
    """Counts. All from `lost` to `left` must be zero.

    Attributes:
        accepted: Messages that got their 2xx.
        delivered: Events that the hotline has, each with a key of its own.
        repeated_posts: POSTs under a key that came before: allowed.
        duplicates: Updates that were handed in twice on purpose.
        files: Files sent.
        lost: Accepted, and not in the newest revision of any ticket.
        doubled: Revisions or parts under two keys, parts whose content changed, and messages in two tickets or twice in
            one.
        out_of_order: Tickets whose revisions came in another order or with a gap, and reporters whose words did.
        files_lost: Files of which no sealed part came.
        parked: Updates and deliveries set aside for a person.
        left: Updates, deliveries and unfiled reports that were not worked off in time.
        died: How often a service ended by itself, as it may on a full disk.
        lost_in_runs: In which runs of its series what was lost had been accepted.
    """

    accepted: int = 0
    delivered: int = 0
    repeated_posts: int = 0
    duplicates: int = 0
    files: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    files_lost: int = 0
    parked: int = 0
    left: int = 0
    died: int = 0
    lost_in_runs: list[int] = field(default_factory=list)

    def __iadd__(self, other: "Verdict") -> Self:
        """Add up."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled, mixed up or left."""
        return not (self.lost or self.doubled or self.out_of_order or self.files_lost or self.parked or self.left)


def judge(ledger: Ledger, receiver: Receiver) -> Verdict:
    """Compare what was accepted with what came."""
    tickets = receiver.tickets.values()
    found = Counter(marker for ticket in tickets for marker in ticket.markers)
    missing = [marker for marker in ledger.accepted if not found[marker]]
    files = ledger.files & ledger.accepted.keys()
    return Verdict(
        accepted=len(ledger.accepted),
        delivered=len(receiver.posts),
        repeated_posts=receiver.repeated,
        duplicates=ledger.duplicates,
        files=len(files),
        lost=len(missing),
        doubled=_doubled(receiver) + sum(count > 1 for count in found.values()) + _split(ledger, tickets),
        out_of_order=sum(not _in_order(ticket) for ticket in tickets) + _mixed_up(ledger, tickets),
        files_lost=len(files - receiver.files),
        lost_in_runs=sorted({ledger.accepted[marker].run for marker in missing}),
    )


def _doubled(receiver: Receiver) -> int:
    keys = [keys for ticket in receiver.tickets.values() for keys in ticket.keys.values()]
    return receiver.changed + sum(len(under) > 1 for under in (*keys, *receiver.parts.values()))


def _split(ledger: Ledger, tickets: Iterable[Ticket]) -> int:
    """Count reporters whose words came in more than one ticket."""
    held = defaultdict(set)
    for number, ticket in enumerate(tickets):
        for marker in ticket.markers:
            if marker in ledger.accepted:
                held[ledger.accepted[marker].reporter].add(number)
    return sum(len(numbers) > 1 for numbers in held.values())


def _in_order(ticket: Ticket) -> bool:
    return ticket.first_came == list(range(1, ticket.revision + 1))


def _mixed_up(ledger: Ledger, tickets: Iterable[Ticket]) -> int:
    """Count tickets whose words are in another order than they were accepted in."""
    place = {marker: number for number, marker in enumerate(ledger.accepted)}
    wrong = 0
    for ticket in tickets:
        places = [place[marker] for marker in ticket.markers if marker in place]
        wrong += places != sorted(places)
    return wrong
