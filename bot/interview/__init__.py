"""The asking itself, pure: what we know now, the one question worth asking next."""
