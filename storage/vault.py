"""What we must be able to read again: encrypted at rest with the data key."""

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """AES-256-GCM with a random nonce a value; the place of a value is bound to it."""

    def __init__(self, key: bytes) -> None:
        """Take the data key of 32 bytes."""
        self._cipher = AESGCM(key)
        self._tag_key = hmac.digest(key, b"quietline address key", sha256)
        self._receipt_tag_key = hmac.digest(key, b"quietline receipt key", sha256)

    def encrypt(self, value: bytes, place: str) -> bytes:
        """Encrypt a value for one column."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def decrypt(self, value: bytes, place: str) -> bytes:
        """Give the value back; raises `cryptography.exceptions.InvalidTag` if it was not made for this place."""
        return self._cipher.decrypt(value[:_NONCE_BYTES], value[_NONCE_BYTES:], place.encode())

    def address_key(self, channel: str, user: str) -> bytes:
        """Give the 16 bytes by which rows of one reporter are found. Useless without the data key."""
        return hmac.digest(self._tag_key, f"{channel}\0{user}".encode(errors="replace"), sha256)[:16]

    def id_key(self, channel: str, id_: str) -> str:
        """Give what stands for a channel's id of a message, in hex. Useless without the data key."""
        return hmac.digest(self._tag_key, f"{channel}\0\0{id_}".encode(errors="replace"), sha256).hex()

    def receipt_key(self, words: str) -> bytes:
        """Give the 16 bytes by which words find the report that they open."""
        return hmac.digest(self._receipt_tag_key, words.encode(), sha256)[:16]

    def __repr__(self) -> str:
        """Show no key."""
        return "Vault(...)"
