"""Quietline's service: from a message in a chat to a sealed, signed ticket at a hotline's queue."""
