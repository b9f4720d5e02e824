"""Bodies of requests: read piece by piece up to a limit, and never onto the disk."""

from collections.abc import AsyncGenerator

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

_MAX_FIELD_BYTES = 4 * 1024 * 1024


class TooBig(HTTPException):
    """A body is over the limit: 413 where nothing kinder is said."""

    def __init__(self) -> None:
        """Say nothing of the body."""
        super().__init__(413, "body: too big")


async def limited(request: Request, most: int) -> AsyncGenerator[bytes]:
    """Give a body piece by piece; raises TooBig once it is over `most` bytes."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooBig
        yield chunk


async def whole(request: Request, most: int) -> bytes:
    """Give a body of at most `most` bytes; raises TooBig."""
    return b"".join([chunk async for chunk in limited(request, most)])


class InMemory(MultiPartParser):
    """Keeps what it reads in memory, where it would otherwise lie on the disk in clear; `limited` bounds it."""

    spool_max_size = 1 << 40


async def form_of(request: Request, most: int) -> FormData:
    """Give a form with one file at most; raises TooBig, or HTTPException 400 where the body is no form."""
    parser = InMemory(
        request.headers, limited(request, most), max_files=1, max_fields=4, max_part_size=_MAX_FIELD_BYTES
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError):
        raise HTTPException(400, "body: not a form") from None
