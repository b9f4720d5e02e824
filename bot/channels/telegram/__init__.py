"""Telegram, through python-telegram-bot's Bot and types; receiving and order are ours (docs/decisions/receiving.md)."""
