"""Reads an SQLCipher file page by page, free pages and write-ahead log included, as somebody with the key could."""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4096
RESERVE = 80
"""SQLCipher 4: an IV of 16 bytes and an HMAC of 64 at the end of each page (https://www.zetetic.net/sqlcipher/design/)."""
SALT = 16
_WAL_HEADER, _FRAME_HEADER = 32, 24


def key_of(data_key: bytes) -> bytes:
    return hmac.digest(data_key, b"quietline database file", sha256)


def pages(database: Path, data_key: bytes) -> Iterator[bytes]:
    """Give every page in clear, whatever SQLite thinks of it."""
    key = key_of(data_key)
    held = database.read_bytes()
    for start in range(0, len(held) - PAGE + 1, PAGE):
        yield _opened(held[start : start + PAGE], key, first=start == 0)
    log = database.with_name(database.name + "-wal")
    logged = log.read_bytes() if log.exists() else b""
    frame = _FRAME_HEADER + PAGE
    for start in range(_WAL_HEADER, len(logged) - frame + 1, frame):
        page_number = int.from_bytes(logged[start : start + 4], "big")
        yield _opened(logged[start + _FRAME_HEADER : start + frame], key, first=page_number == 1)


def _opened(page: bytes, key: bytes, *, first: bool) -> bytes:
    content, iv = page[SALT if first else 0 : PAGE - RESERVE], page[PAGE - RESERVE : PAGE - RESERVE + 16]
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return cipher.update(content) + cipher.finalize()
