"""Channels: each a module and a row of `bot.channels.table`."""
