"""Tells open event streams that their conversation has news. The store holds the news itself.

One process needs no more than this; several share a hub with the same two methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

MESSAGE, TYPING = "message", "typing"
AGENT_TYPING = "agent_typing"
STATUS = "status"  # who has the conversation, or how long it may take
CUSTOMER_TYPING = "typing:"  # on the topic DESK, before the id of the conversation in which they type
DESK = "desk"  # the topic of all desks: what is announced is the id of the conversation that changed


class Hub(Protocol):
    """What streams and turns need of a hub."""

    async def publish(self, conversation_id: str, kind: str) -> None:
        """Announces one of the kinds above, or on the topic `DESK` a conversation's id."""

    def subscribe(self, conversation_id: str) -> AbstractAsyncContextManager[asyncio.Queue[str]]:
        """A queue of announcements for as long as the context is open."""


class InProcessHub:
    """A hub for one gateway process."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str]]] = {}

    async def publish(self, conversation_id: str, kind: str) -> None:
        """See `Hub`. A stream that is slow to read loses announcements, never messages."""
        for queue in self._queues.get(conversation_id, ()):
            if not queue.full():
                queue.put_nowait(kind)
            elif kind not in (TYPING, AGENT_TYPING):  # a full queue may hold nothing but typing
                queue.get_nowait()
                queue.put_nowait(kind)

    @asynccontextmanager
    async def subscribe(self, conversation_id: str) -> AsyncIterator[asyncio.Queue[str]]:
        """See `Hub`."""
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=16)
        self._queues.setdefault(conversation_id, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[conversation_id].discard(queue)
            if not self._queues[conversation_id]:
                del self._queues[conversation_id]
