"""WhatsApp, by Meta's Cloud API. `docs/channels/whatsapp.md`."""
