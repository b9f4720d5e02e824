"""Metrics, for Prometheus. Every label comes from a closed list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

ACCEPTED = Counter("quietline_updates_accepted", "Updates stored durably", ["channel"], registry=REGISTRY)
TURNS = Counter("quietline_turns", "Turns taken", ["channel", "result"], registry=REGISTRY)
TURN_SECONDS = Histogram("quietline_turn_seconds", "From start of a turn to its commit", ["channel"], registry=REGISTRY)
FILED = Counter("quietline_tickets", "Ticket revisions filed", ["status"], registry=REGISTRY)
REPLIES = Counter("quietline_replies", "Replies by what became of them", ["channel", "result"], registry=REGISTRY)
DELIVERIES = Counter("quietline_deliveries", "Tries at the hotline", ["result"], registry=REGISTRY)
UNDERSTOOD = Counter("quietline_understood", "Utterances by who understood them", ["by"], registry=REGISTRY)
WAITING = Gauge("quietline_waiting", "Rows that wait", ["queue"], registry=REGISTRY)
OLDEST = Gauge("quietline_oldest_seconds", "Age of the oldest row that waits", ["queue"], registry=REGISTRY)
LOW_TRUST = Counter(
    "quietline_low_trust", "Updates that came faster than a person types", ["channel"], registry=REGISTRY
)
UNACKNOWLEDGED = Gauge("quietline_unacknowledged", "Tickets the hotline has said nothing of in time", registry=REGISTRY)
SWEPT = Gauge("quietline_swept_timestamp_seconds", "When deadlines were last looked at", registry=REGISTRY)
PART_UP = Gauge("quietline_part_up", "Whether an outside part answers", ["part"], registry=REGISTRY)
CHANNEL_UP = Gauge("quietline_channel_up", "Whether a channel works at its vendor", ["channel"], registry=REGISTRY)
CHANNEL_PENDING = Gauge("quietline_channel_pending", "Updates waiting at the vendor", ["channel"], registry=REGISTRY)
CANARY = Gauge("quietline_canary_seconds", "Since a channel's canary arrived", ["channel"], registry=REGISTRY)
