"""What the outbox holds: one ticket revision, or one sealed file, on its way to the hotline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.model.codes import Lane

type OpenPart = dict[str, Any]
"""The open part of a ticket as JSON (spec: `ticket-v1.schema.json`), without `sealed`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for the hotline.

    Attributes:
        webhook_id: Idempotency key, the same for every attempt.
        ticket_id: Whose deliveries go out in order.
        type: `ticket.filed`, `ticket.amended`, `ticket.withdrawn` or `part.sealed`.
        attempts: Tries so far.
        created_at: When the turn committed it.
        lane: Who goes first where many wait.
        synthetic: A canary's: it goes to the hotline's test intake.
    """

    webhook_id: str
    ticket_id: UUID
    type: str
    attempts: int
    created_at: datetime
    lane: Lane = Lane.NORMAL
    synthetic: bool = False
