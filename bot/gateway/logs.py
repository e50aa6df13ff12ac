"""Structured log lines: an event's name and identifiers, never what a customer wrote or a token."""

from __future__ import annotations

import logging
import traceback
from typing import Any

# At DEBUG these write event-stream data and requests, and so what customers read and wrote.
for noisy in ("sse_starlette.sse", "httpcore", "httpx"):
    logging.getLogger(noisy).setLevel(logging.WARNING)


def event(logger: logging.Logger, name: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Writes `name key=value …`; values are ids, numbers and our own words."""
    logger.log(level, "%s", " ".join([name, *(f"{k}={v}" for k, v in fields.items() if v is not None)]))


def where(error: BaseException) -> str:
    """The kind of an error and the line it came from, without its message (it may quote data)."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__}@{place}"


def configure() -> None:
    """How the gateway's own process logs: one line an event, to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
