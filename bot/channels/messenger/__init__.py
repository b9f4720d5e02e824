"""Messenger, by Meta's Messenger Platform. `docs/channels/messenger.md`."""
