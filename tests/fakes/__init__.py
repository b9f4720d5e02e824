"""Servers that stand where the outside would: small, on loopback, as strict as the real ones."""
