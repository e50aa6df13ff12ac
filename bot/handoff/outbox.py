"""Calls to the outside: put in with the change that they tell of, made afterwards, at least once.

In a conversation they are made in their order; one that fails waits longer each time and holds up those
behind it, until it is given up.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import aliased, sessionmaker

from bot.gateway.logs import event, where
from bot.store.handoff_models import OutboxEntry
from bot.store.models import utcnow

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=60)  # for one call; a process that died meanwhile is followed by another
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 1_800.0  # seconds
MOST_ATTEMPTS = 14  # about three hours
AT_ONE_TIME = 20


class Hopeless(Exception):
    """The call can never succeed: it is given up at once. The text is one word, free of customers' data."""


Deliver = Callable[[OutboxEntry], Awaitable[None]]


async def put(
    session: AsyncSession, channel: str, conversation_id: str, action: str, about: dict[str, Any], key: str
) -> bool:
    """Puts a call in, in the caller's transaction; False when one with the same key is there already."""
    known = await session.execute(select(OutboxEntry.id).where(OutboxEntry.key == key))
    if known.first() is not None:
        return False
    session.add(
        OutboxEntry(key=key, channel=channel, conversation_id=conversation_id, action=action, about=about)
    )
    await session.flush()
    return True


class Outbox:
    """Makes the calls that are due. `channels` names who makes those of each channel."""

    def __init__(self, engine: AsyncEngine, channels: Mapping[str, Deliver]) -> None:
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
        self._channels = channels

    async def deliver(self) -> int:
        """Makes what is due, at most one call of a conversation. Returns how many calls were made or tried;
        never raises for a failed one."""
        claimed = [entry for entry_id in await self._due() if (entry := await self._claim(entry_id))]
        await asyncio.gather(*(self._one(entry) for entry in claimed))
        return len(claimed)

    async def _due(self) -> list[int]:
        earlier = aliased(OutboxEntry)
        first = ~(
            select(earlier.id)
            .where(
                earlier.channel == OutboxEntry.channel,
                earlier.conversation_id == OutboxEntry.conversation_id,
                earlier.id < OutboxEntry.id,
                earlier.done_at.is_(None),
            )
            .exists()
        )
        query = (
            select(OutboxEntry.id)
            .where(
                OutboxEntry.done_at.is_(None),
                OutboxEntry.due_at <= utcnow(),
                OutboxEntry.channel.in_(list(self._channels)),
                first,
            )
            .order_by(OutboxEntry.id)
            .limit(AT_ONE_TIME)
        )
        async with self._session() as session:
            return list((await session.execute(query)).scalars())

    async def _claim(self, entry_id: int) -> OutboxEntry | None:
        now = utcnow()
        async with self._session() as session, session.begin():
            mine = await session.execute(
                update(OutboxEntry)
                .where(OutboxEntry.id == entry_id, OutboxEntry.done_at.is_(None), OutboxEntry.due_at <= now)
                .values(due_at=now + CLAIM, attempts=OutboxEntry.attempts + 1)
                .execution_options(synchronize_session=False)
            )
            return await session.get(OutboxEntry, entry_id) if mine.rowcount == 1 else None

    async def _one(self, entry: OutboxEntry) -> None:
        values: dict[str, Any]
        try:
            await asyncio.wait_for(self._channels[entry.channel](entry), CLAIM.total_seconds() / 2)
            values = {"done_at": utcnow()}
        except Exception as error:
            hopeless = isinstance(error, Hopeless)
            why = str(error)[:40] if hopeless else type(error).__name__[:40]
            given_up = hopeless or entry.attempts >= MOST_ATTEMPTS
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (entry.attempts - 1)) * random.uniform(0.5, 1.5)  # noqa: S311
            values = (
                {"done_at": utcnow(), "failed": why}
                if given_up
                else {"due_at": utcnow() + timedelta(seconds=pause)}
            )
            event(
                log,
                "outbox.given_up" if given_up else "outbox.failed",
                level=logging.ERROR if given_up else logging.WARNING,
                entry=entry.id,
                channel=entry.channel,
                action=entry.action,
                attempts=entry.attempts,
                error=why if hopeless else where(error),
            )
        async with self._session() as session, session.begin():
            await session.execute(
                update(OutboxEntry)
                .where(OutboxEntry.id == entry.id)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
