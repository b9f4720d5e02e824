"""Metrics, for Prometheus. Every label comes from a closed list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

ACCEPTED = Counter("quietline_updates_accepted", "Updates stored durably", ["channel"], registry=REGISTRY)
TURNS = Counter("quietline_turns", "Turns taken", ["channel", "result"], registry=REGISTRY)
TURN_SECONDS = Histogram("quietline_turn_seconds", "From start of a turn to its commit", ["channel"], registry=REGISTRY)
FILED = Counter("quietline_tickets", "Ticket revisions filed", ["status"], registry=REGISTRY)
REPLIES = Counter("quietline_replies", "Replies by what became of them", ["channel", "result"], registry=REGISTRY)
DELIVERIES = Counter("quietline_deliveries", "Tries at the hotline", ["result"], registry=REGISTRY)
UNDERSTOOD = Counter("quietline_understood", "Utterances by who understood them", ["by"], registry=REGISTRY)
WAITING = Gauge("quietline_waiting", "Rows that wait", ["queue"], registry=REGISTRY)
