"""The event stream of one agent's desk: the queue, their chats, what is said in them, who else looks.

Nothing is kept for later: a desk that (re)connects loads everything anew and goes on from there. Each look
at the database is one for all news that came in the meantime, at most one a second.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import anyio
from sqlalchemy import func, select
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.caller import DeskParts
from bot.gateway.desk.reading import agents_json
from bot.gateway.hub import CUSTOMER_TYPING, DESK
from bot.gateway.stream import GRACE
from bot.store import HandoffNote

LOOK_EVERY = 5.0  # seconds, without news: for what other gateways do, and for what runs out
PAUSE = 1.0  # seconds between looks
CLOSING = "closing"

Event = tuple[str, dict[str, Any]]


@dataclass
class _Seen:
    """What this desk has been told so far."""

    waiting: tuple[int, int, datetime | None] | None = None
    held: dict[str, tuple[str, int]] | None = None
    read: dict[str, int] = field(default_factory=dict)  # the last message told, by chat
    notes: dict[str, int] = field(default_factory=dict)
    viewers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    news: set[str] = field(default_factory=set)  # since the last look


def desk_stream(desk: DeskParts, me: SignedIn) -> EventSourceResponse:
    """Server-sent events for one agent; ends with their session."""
    stopping = anyio.Event()

    async def events() -> AsyncIterator[ServerSentEvent]:
        seen = _Seen()
        async with desk.hub.subscribe(DESK) as news:
            watcher = asyncio.create_task(_announce_closing(stopping, news))
            try:
                yield _event("hello", {})
                while True:
                    if not await desk.accounts.goes_on(me.session_id):
                        yield _event("signed_out", {})
                        return
                    for kind, data in await _look(desk, me, seen):
                        yield _event(kind, data)
                    async for chat_id in _typed_in(news, seen):
                        yield _event("typing", {"chat": chat_id, "who": "customer"})
                    if CLOSING in seen.news:
                        return
            finally:
                watcher.cancel()

    return EventSourceResponse(
        events(),
        ping=desk.settings.heartbeat,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        shutdown_event=stopping,
        shutdown_grace_period=GRACE,
    )


def _event(kind: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event=kind)


async def _typed_in(news: asyncio.Queue[str], seen: _Seen) -> AsyncIterator[str]:
    """Waits until it is worth looking again, and meanwhile gives the agent's chats in which is typed."""
    loop = asyncio.get_running_loop()
    earliest, latest = loop.time() + PAUSE, loop.time() + LOOK_EVERY
    seen.news.clear()
    while CLOSING not in seen.news:
        left = (earliest if seen.news else latest) - loop.time()
        if left <= 0:
            return
        try:
            told = await asyncio.wait_for(news.get(), left)
        except asyncio.TimeoutError:
            return
        chat_id = told.removeprefix(CUSTOMER_TYPING)
        if chat_id == told:
            seen.news.add(told)
        elif chat_id in (seen.held or {}):
            yield chat_id


async def _announce_closing(stopping: anyio.Event, news: asyncio.Queue[str]) -> None:
    await stopping.wait()
    await news.put(CLOSING)


async def _look(desk: DeskParts, me: SignedIn, seen: _Seen) -> list[Event]:
    """What is new since the last look. The first only remembers how things stand."""
    events: list[Event] = []
    first = seen.held is None
    waiting = await desk.chats.waiting()
    if waiting != seen.waiting and not first:
        events.append(("queue", {"total": waiting[0], "urgent": waiting[1]}))
    seen.waiting = waiting
    held = await desk.chats.held_state(me.id)
    before = seen.held if seen.held is not None else held
    for chat_id in [*held, *(each for each in before if each not in held)]:
        if before.get(chat_id, ("", 0))[0] != held.get(chat_id, ("", 0))[0]:
            events.append(await _moved(desk, chat_id, new=chat_id not in before, gone=chat_id not in held))
    seen.held = held
    shown = [*dict.fromkeys([*held, *await desk.chats.viewed_by(me)])]
    events += await _said(desk, me, shown, held, seen)
    events += await _noted(desk, shown, seen)
    for chat_id, others in (await desk.chats.viewers(shown, me)).items():
        if others != seen.viewers.get(chat_id, []):
            agents = [{"id": agent_id, "name": name} for agent_id, name in others]
            events.append(("viewers", {"chat": chat_id, "agents": agents}))
        seen.viewers[chat_id] = others
    return events


async def _moved(desk: DeskParts, chat_id: str, *, new: bool, gone: bool) -> Event:
    step = await desk.chats.last_step(chat_id)
    what = "changed"
    if gone:
        what = "left"
    elif new:
        what = "transferred" if step is not None and step.event == "transfer" else "assigned"
    by = None
    if step is not None and step.actor == "agent" and step.actor_id:
        names = {agent.id: agent.name for agent in await desk.accounts.all()}
        by = {"id": step.actor_id, "name": names.get(step.actor_id, "")}
    return "chat", {"chat": chat_id, "what": what, "by": by}


async def _said(
    desk: DeskParts, me: SignedIn, shown: list[str], held: dict[str, tuple[str, int]], seen: _Seen
) -> list[Event]:
    events: list[Event] = []
    others = [chat_id for chat_id in shown if chat_id not in held]
    last = {chat_id: seq for chat_id, (_, seq) in held.items()}
    for chat in await desk.chats.by_ids(others):
        last[chat.id] = chat.conversation.last_seq
    for chat_id, seq in last.items():
        # A chat that has just come in is loaded by the page as a whole.
        known = seen.read.setdefault(chat_id, seq)
        if seq > known:
            for message in await desk.store.messages(chat_id, known):
                seen.read[chat_id] = message.seq
                events.append(("message", {"chat": chat_id, "message": agents_json(message)}))
    return events


async def _noted(desk: DeskParts, shown: list[str], seen: _Seen) -> list[Event]:
    if not shown:
        return []
    query = (
        select(HandoffNote.conversation_id, func.count())
        .where(HandoffNote.conversation_id.in_(shown))
        .group_by(HandoffNote.conversation_id)
    )
    async with desk.sessions() as session:
        counts: dict[str, int] = dict((await session.execute(query)).all())
    events: list[Event] = []
    for chat_id in shown:
        count = counts.get(chat_id, 0)
        if count != seen.notes.setdefault(chat_id, count):
            seen.notes[chat_id] = count
            events.append(("note", {"chat": chat_id}))
    return events
