"""Labels that agents put on chats; and the intents that they can say were meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.desk_models import ConversationLabel

MOST_LISTED = 200
DOMAIN = Path(__file__).resolve().parents[3] / "domain.yml"


def _intents() -> tuple[str, ...]:
    listed = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["intents"]
    return tuple(one if isinstance(one, str) else next(iter(one)) for one in listed)


INTENTS = _intents()


async def put(session: AsyncSession, chat_id: str, agent_id: str, wanted: Sequence[str]) -> list[str]:
    """Puts these labels on a chat and takes all others off. Returns them in order, none twice."""
    names = sorted(set(wanted))
    mine = ConversationLabel.conversation_id == chat_id
    await session.execute(
        delete(ConversationLabel)
        .where(mine, ConversationLabel.label.notin_(names))
        .execution_options(synchronize_session=False)
    )
    there = set((await session.execute(select(ConversationLabel.label).where(mine))).scalars())
    session.add_all(
        ConversationLabel(conversation_id=chat_id, label=name, made_by=agent_id)
        for name in names
        if name not in there
    )
    return names


async def in_use(session: AsyncSession) -> list[tuple[str, int]]:
    """The labels in use with the number of chats that have them, the most used first."""
    count = func.count()
    query = (
        select(ConversationLabel.label, count)
        .group_by(ConversationLabel.label)
        .order_by(count.desc(), ConversationLabel.label)
        .limit(MOST_LISTED)
    )
    return [(name, number) for name, number in await session.execute(query)]
