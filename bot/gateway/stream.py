"""The event stream of a conversation: everything after the last seen message, then what comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.gateway.hub import AGENT_TYPING, MESSAGE, STATUS, TYPING, Hub
from bot.gateway.identity import Session
from bot.gateway.messages import message_json
from bot.handoff.desk import Desk
from bot.store import Store
from bot.store.models import utcnow

QUIET_CHECK = 20.0  # seconds without news after which the store is asked anyway
CLOSING = "closing"  # our own announcement when the process is asked to stop
GRACE = 2.0  # seconds that an open stream has to end by itself then


def last_seen(header: str | None, after: int | None) -> int:
    """Where to resume: Last-Event-ID, else `after`; 0 for anything that is no message number."""
    if header and header.isascii() and header.isdigit() and len(header) < 10:
        return int(header)
    return max(after or 0, 0)


def event_stream(
    conversation_id: str,
    session: Session,
    after: int,
    *,
    store: Store,
    hub: Hub,
    desk: Desk,
    heartbeat: float,
) -> EventSourceResponse:
    """Server-sent events: `message` with its number as id, `typing`, and `status` whenever who has the
    conversation, or the wait, has changed, and when the stream is opened. Ends with the session."""

    stopping = anyio.Event()

    async def events() -> AsyncIterator[ServerSentEvent]:
        seen = after
        status: dict[str, Any] | None = None
        # Subscribed before the first look, so that nothing falls between the two.
        async with hub.subscribe(conversation_id) as news:
            watcher = asyncio.create_task(_announce_closing(stopping, news))
            try:
                while True:
                    while page := await store.messages(conversation_id, seen):
                        for message in page:
                            seen = message.seq
                            data = json.dumps(message_json(message), ensure_ascii=False)
                            yield ServerSentEvent(data, event=MESSAGE, id=str(seen))
                    now = await desk.status(conversation_id)
                    if now != status:
                        status = now
                        yield _event(STATUS, status)
                    kind = await _next(news, session)
                    if kind == CLOSING or await store.session_ended(session.id):
                        return
                    if kind == TYPING:
                        yield _event(TYPING, {"who": "bot"})
                    if kind == AGENT_TYPING and status and "agent" in status:
                        yield _event(TYPING, {"who": "agent", **status["agent"]})
            finally:
                watcher.cancel()

    return EventSourceResponse(
        events(),
        ping=heartbeat,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        shutdown_event=stopping,
        shutdown_grace_period=GRACE,
    )


def _event(kind: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=kind)


async def _next(news: asyncio.Queue[str], session: Session) -> str:
    """What is announced next; MESSAGE after a while of quiet, CLOSING when the session has run out."""
    left = (session.expires_at - utcnow()).total_seconds()
    if left <= 0:
        return CLOSING
    try:
        return await asyncio.wait_for(news.get(), min(left, QUIET_CHECK))
    except asyncio.TimeoutError:
        return MESSAGE


async def _announce_closing(stopping: anyio.Event, news: asyncio.Queue[str]) -> None:
    await stopping.wait()
    await news.put(CLOSING)
