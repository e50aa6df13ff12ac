"""The event stream of a conversation: everything after the last seen message, then what comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.gateway.hub import MESSAGE, TYPING, Hub
from bot.gateway.identity import Session
from bot.gateway.messages import message_json
from bot.store import Store
from bot.store.models import utcnow

QUIET_CHECK = 20.0  # seconds without news after which the store is asked anyway


def last_seen(header: str | None, after: int | None) -> int:
    """Where to resume: Last-Event-ID, else `after`; 0 for anything that is no message number."""
    if header and header.isascii() and header.isdigit() and len(header) < 10:
        return int(header)
    return max(after or 0, 0)


def event_stream(
    conversation_id: str, session: Session, after: int, *, store: Store, hub: Hub, heartbeat: float
) -> EventSourceResponse:
    """Server-sent events: `message` with its number as id, and `typing`. Ends with the session."""

    async def events() -> AsyncIterator[ServerSentEvent]:
        seen = after
        # Subscribed before the first look, so that nothing falls between the two.
        async with hub.subscribe(conversation_id) as news:
            while True:
                while page := await store.messages(conversation_id, seen):
                    for message in page:
                        seen = message.seq
                        data = json.dumps(message_json(message), ensure_ascii=False)
                        yield ServerSentEvent(data, event=MESSAGE, id=str(seen))
                left = (session.expires_at - utcnow()).total_seconds()
                if left <= 0:
                    return
                try:
                    if await asyncio.wait_for(news.get(), min(left, QUIET_CHECK)) == TYPING:
                        yield ServerSentEvent("{}", event=TYPING)
                except asyncio.TimeoutError:
                    continue

    return EventSourceResponse(
        events(), ping=heartbeat, ping_message_factory=lambda: ServerSentEvent(comment="still here")
    )
