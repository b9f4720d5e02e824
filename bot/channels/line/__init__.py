"""LINE, by the Messaging API. `docs/channels/line.md`."""
