"""A conversation's messages as an agent reads them: a page at a time, with what the bot understood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.messages import message_json
from bot.store.models import CUSTOMER, Message

SEEN_LIMIT = 100  # messages of one page


async def read_page(
    session: AsyncSession,
    conversation_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = SEEN_LIMIT,
) -> list[Message]:
    """At most `limit` messages in order: the first after a number, else the last (before a number)."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    if after is not None:
        query = query.where(Message.seq > after).order_by(Message.seq)
        return list((await session.execute(query.limit(limit))).scalars())
    if before is not None:
        query = query.where(Message.seq < before)
    newest_first = query.order_by(Message.seq.desc()).limit(limit)
    return list((await session.execute(newest_first)).scalars())[::-1]


def page_of(found: Sequence[Message], limit: int, after: int | None) -> dict[str, Any]:
    """The page for `limit` messages, of which one more than wanted was asked for."""
    shown = found[:limit] if after is not None else found[-limit:]
    return {"messages": [agents_json(one) for one in shown], "more": len(found) > limit}


def agents_json(message: Message) -> dict[str, Any]:
    """A message as an agent sees it: as the customer does, and what the bot understood of it."""
    found = message_json(message)
    if message.author == CUSTOMER:
        known = message.understood or {}
        names = ("intent", "confidence", "entities")
        found["understood"] = {name: known.get(name) for name in names} if known else None
    return found
