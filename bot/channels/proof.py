"""Signatures over bodies, compared in constant time."""

import hmac
from hashlib import sha256

from pydantic import SecretStr


def hex_hmac(secret: SecretStr, body: bytes) -> str:
    """Sign a body by HMAC-SHA256, in hex."""
    return hmac.digest(secret.get_secret_value().encode(), body, sha256).hex()


def is_same(given: str, wanted: str) -> bool:
    """Compare what a caller showed with what we know, whatever characters it holds."""
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())
