"""The hotline's side: receives tickets, keeps them, shows them to advisors. Knows nothing of the bot."""
