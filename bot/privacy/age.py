"""Whether bytes are an age file that our page may have made (https://age-encryption.org/v1). We cannot open it."""

from typing import Final

import regex

from bot.privacy.seal import PAD_BYTES

_HEADER: Final = regex.compile(
    rb"age-encryption\.org/v1\n"
    rb"(?:-> (?P<kind>[!-~]++)[ !-~]*+\n(?:[A-Za-z0-9+/]{64}\n)*+[A-Za-z0-9+/]{0,63}+\n)++"
    rb"--- [A-Za-z0-9+/]{43}\n"
)
"""Recipients, one stanza each, and the MAC. Possessive: no byte is looked at twice, whatever somebody sends."""
_MOST_HEADER_BYTES: Final = 8192
_NONCE_BYTES: Final = 16
_CHUNK_BYTES: Final = 64 * 1024
_TAG_BYTES: Final = 16


def is_age_file(content: bytes) -> bool:
    """Tell whether bytes have the form of an age file for X25519 keys whose plain content is padded as ours is.

    What it holds and for whom it opens nobody can tell without a key.
    """
    header = _HEADER.match(content[:_MOST_HEADER_BYTES])
    if header is None or b"X25519" not in header.captures("kind"):
        return False
    plain = _plain_bytes(len(content) - header.end() - _NONCE_BYTES)
    return plain > 0 and plain % PAD_BYTES == 0


def _plain_bytes(payload: int) -> int:
    """Say how long the plain content of a payload is: each chunk of 64 KiB carries a tag."""
    chunks = -(-payload // (_CHUNK_BYTES + _TAG_BYTES))
    return payload - chunks * _TAG_BYTES
