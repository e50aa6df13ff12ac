"""Agents, and what the bot does to bring one in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff import Request, customer
from bot.handoff.desk import Desk
from bot.handoff.hours import Calendar
from bot.handoff.moves import agent, lock
from bot.store import Conversation, Handoff, Store
from bot.store.models import utcnow

ANNA, BEN = agent("agent_anna", "Anna"), agent("agent_ben", "Ben")
LEE = agent("agent_lee", "Lee", lead=True)
AGENTS = (ANNA, BEN, LEE)


async def ask(desk: Desk, store: Store, conversation: Conversation, urgency: str = "medium") -> Handoff:
    """The bot brings in a person."""
    async with AsyncSession(store.engine, expire_on_commit=False, future=True) as session, session.begin():
        wanted = Request(reason="asked", urgency=urgency, summary="the card is declined")
        return await customer.request(session, desk.rules, await lock(session, conversation.id), wanted)


async def change(store: Store, row: object, **values: object) -> None:
    """Changes a row as no code of ours would, for instance to make it old."""
    async with AsyncSession(store.engine, future=True) as session, session.begin():
        merged = await session.merge(row)
        for name, value in values.items():
            setattr(merged, name, value)


async def newcomer(store: Store, language: str = "en") -> Conversation:
    """A conversation of someone new."""
    return await store.create_conversation(
        subject=f"visitor:{secrets.token_hex(8)}", customer_id=None, language=language
    )


def closed_until(opens: timedelta) -> Calendar:
    """Hours that are closed now and open at a full hour, about so long from now."""
    at = (utcnow() + opens).replace(minute=0, second=0, microsecond=0)
    return Calendar(ZoneInfo("UTC"), frozenset({at.weekday()}), at.time(), (at + timedelta(hours=1)).time())


def ago(**span: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(**span)
