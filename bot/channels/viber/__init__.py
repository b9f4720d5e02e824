"""Viber, by its bot API. `docs/channels/viber.md`."""
