"""Deliveries: from the outbox to the hotline's queue, signed, in order, until accepted."""
