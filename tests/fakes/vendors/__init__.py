"""Faithful fakes of the vendors that call us by webhook, each on loopback."""
