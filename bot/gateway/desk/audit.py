"""Which agent saw what of whose records, when and why. Written before the answer goes out; never changed.

The database itself refuses to change or delete a line (migration 0005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.sessions import Sessions
from bot.gateway.messages import timestamp
from bot.store.desk_models import AuditEntry

PAGE = 100
MOST_EXPORTED = 50_000
LONGEST_WHY = 200


@dataclass(frozen=True)
class AuditQuery:
    """Which lines are wanted; `before` is the id of the last one already read."""

    before: int | None = None
    agent: str | None = None
    customer: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Audit:
    """The audit log."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def wrote(
        self,
        me: SignedIn,
        action: str,
        *,
        customer: str | None = None,
        conversation: str | None = None,
        why: str = "",
    ) -> None:
        """Adds a line. Whatever it tells of must not happen if this raises."""
        await self.wrote_many(me, action, [(customer, conversation)], why=why)

    async def wrote_many(
        self, me: SignedIn, action: str, whose: Sequence[tuple[str | None, str | None]], *, why: str = ""
    ) -> None:
        """Adds a line for each of (customer, conversation)."""
        async with self._sessions() as session, session.begin():
            session.add_all(
                AuditEntry(
                    agent_id=me.id,
                    agent_name=me.agent.name,
                    role=me.agent.role,
                    action=action,
                    customer_id=customer,
                    conversation_id=conversation,
                    why=why[:LONGEST_WHY],
                )
                for customer, conversation in whose
            )

    async def read(self, wanted: AuditQuery, limit: int) -> list[AuditEntry]:
        """The newest `limit` lines that fit, the newest first."""
        query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
        if wanted.before is not None:
            query = query.where(AuditEntry.id < wanted.before)
        if wanted.agent is not None:
            query = query.where(AuditEntry.agent_id == wanted.agent)
        if wanted.customer is not None:
            query = query.where(AuditEntry.customer_id == wanted.customer)
        if wanted.since is not None:
            query = query.where(AuditEntry.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(AuditEntry.at < wanted.until)
        async with self._sessions() as session:
            return list((await session.execute(query)).scalars())


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """A line as leads read it."""
    return {
        "id": entry.id,
        "at": timestamp(entry.at),
        "agent": {"id": entry.agent_id, "name": entry.agent_name},
        "role": entry.role,
        "action": entry.action,
        "customer": entry.customer_id,
        "conversation": entry.conversation_id,
        "why": entry.why,
    }
