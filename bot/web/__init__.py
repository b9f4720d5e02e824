"""What we serve over HTTP: the web chat, webhooks, health."""
