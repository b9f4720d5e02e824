"""SMS by Twilio. `docs/channels/twilio.md`."""
