"""Logs: events with keys from an allow-list. A message, an address or a key cannot reach them."""

import asyncio
import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "attempts",
        "channel",
        "count",
        "error",
        "event",
        "kind",
        "level",
        "part",
        "port",
        "result",
        "seconds",
        "setting",
        "status",
        "timestamp",
        "type",
        "url",  # our own addresses on this machine, never a channel's or a reporter's
    },
)


def set_up(level: int = logging.INFO) -> None:
    """Send our events to stderr, one JSON object a line, and silence what others might say of a message."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _only_allowed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "uvicorn", "uvicorn.access", "telegram", "PIL", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "uvicorn.access" else logging.ERROR)


def _only_allowed(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


class _Bare(logging.Formatter):
    """Other libraries' records: where and how bad, never their text, arguments or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        said = {"event": "library.said", "part": record.name, "level": record.levelname.lower(), "error": kind}
        return json.dumps(said)


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Say of a task that failed what kind of error it was, and no more."""
    log = structlog.get_logger()

    def failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.error("task.failed", error=type(context.get("exception")).__name__)

    loop.set_exception_handler(failed)
