"""Turns: one message in, its replies and ticket revisions out, one transaction."""
