"""Tells the other help desk, if there is one: from outbox entries to the adapter's calls."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import sessionmaker

from bot.handoff.adapters import Adapter, Told
from bot.handoff.outbox import Hopeless
from bot.store.handoff_models import OutboxEntry
from bot.store.models import Attachment, Conversation, Handoff, Message

OPENED, CUSTOMER_MESSAGE, HANDOFF_CLOSED = "opened", "message", "closed"  # actions of an entry


class Telling:
    """Makes the calls of one adapter."""

    def __init__(self, engine: AsyncEngine, adapter: Adapter) -> None:
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
        self._adapter = adapter

    async def __call__(self, entry: OutboxEntry) -> None:
        """Makes the call of `entry`. Raises Hopeless when what it is about is gone."""
        told = await self._read(entry)
        if entry.action == OPENED:
            await self._adapter.opened(told)
        elif entry.action == CUSTOMER_MESSAGE:
            await self._adapter.customer_message(told)
        else:
            await self._adapter.closed(told)

    async def _read(self, entry: OutboxEntry) -> Told:
        message_id = entry.about.get("message")
        pictures = select(Attachment).where(Attachment.message_id == message_id).order_by(Attachment.id)
        async with self._session() as session:
            handoff = await session.get(Handoff, entry.about["handoff"])
            conversation = await session.get(Conversation, entry.conversation_id)
            message = await session.get(Message, message_id) if message_id else None
            attachments = list((await session.execute(pictures)).scalars()) if message else []
        if handoff is None or conversation is None or (message_id and message is None):
            raise Hopeless("gone")

        async def keep(values: dict[str, Any]) -> None:
            async with self._session() as session, session.begin():
                kept = await session.get(Handoff, handoff.id, with_for_update=True)
                kept.remote = {**(kept.remote or {}), **values}

        return Told(conversation, handoff, dict(handoff.remote or {}), keep, message, attachments)
