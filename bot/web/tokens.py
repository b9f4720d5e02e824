"""The web chat's only credential: random, made by us, kept nowhere."""

import base64
import binascii
import hmac
import os
from hashlib import sha256

_RANDOM_BYTES = 16
_TAG_BYTES = 16


class Tokens:
    """Makes and knows tokens by a tag of the data key, so that no list of them has to be kept."""

    def __init__(self, data_key: bytes) -> None:
        """Take the data key."""
        self._key = hmac.digest(data_key, b"quietline web token", sha256)

    def make(self) -> str:
        """Make a new one."""
        random = os.urandom(_RANDOM_BYTES)
        return base64.urlsafe_b64encode(random + self._tag(random)).decode().rstrip("=")

    def user(self, token: str) -> str | None:
        """Give the reporter's id on the web channel; None if the token is not one of ours."""
        try:
            whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        random, tag = whole[:_RANDOM_BYTES], whole[_RANDOM_BYTES:]
        return random.hex() if hmac.compare_digest(tag, self._tag(random)) else None

    def _tag(self, random: bytes) -> bytes:
        return hmac.digest(self._key, random, sha256)[:_TAG_BYTES]

    def __repr__(self) -> str:
        """Show no key."""
        return "Tokens(...)"
