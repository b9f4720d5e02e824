"""HTTP as values, so that channels read and write it without doing any. No repr shows what a call holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Call:
    """A vendor's call to our webhook.

    Attributes:
        method: In capitals.
        url: As the vendor called it, with the query: the public address, whatever stands in front of us.
        query: Of the URL, decoded.
        headers: By lower-case name.
        body: As it came.
    """

    method: str
    url: str = field(repr=False)
    query: Mapping[str, str] = field(default=NONE, repr=False)
    headers: Mapping[str, str] = field(default=NONE, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook says."""

    status: int = 200
    content: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Request:
    """A call of ours to a vendor.

    Attributes:
        url: With all but `query`.
        json: The body as JSON; None: none, or a form.
        form: The body as a form; None: none, or JSON.
        query: Added to the URL.
        headers: Besides the usual.
        auth: Name and password, for basic authentication.
        method: In capitals.
        again: Whether the vendor knows a repeated call by an id in it, so that it may be made again.
    """

    url: str = field(repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default=NONE, repr=False)
    headers: Mapping[str, str] = field(default=NONE, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    method: str = "POST"
    again: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What a vendor answered."""

    status: int
    headers: Mapping[str, str] = field(default=NONE, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        """Whether its status is 2xx."""
        return 200 <= self.status < 300

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; empty if it is none."""
        return json_object(self.body) or {}

    @property
    def retry_after(self) -> float | None:
        """The vendor's wish in seconds, if it gives one so."""
        wish = self.headers.get("retry-after", "")
        return float(wish) if wish.isascii() and wish.isdigit() else None


def json_object(raw: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None if it is anything else."""
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
