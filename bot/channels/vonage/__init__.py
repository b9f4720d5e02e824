"""SMS by Vonage. `docs/channels/vonage.md`."""
