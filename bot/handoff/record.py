"""Writes a hand-off, or brings the open one of the conversation up to date."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import CLOSED, Conversation, Handoff, Message, utcnow

URGENCIES = ("low", "medium", "high", "critical")
# No 0/O, 1/I/L, 5/S, 8/B, U/V: a reference is read out over the telephone.
ALPHABET = "234679ACDEFGHJKMNPQRTWXYZ"
TRANSCRIPT_LIMIT = 200  # the newest messages; more than an agent will read


@dataclass(frozen=True)
class Request:
    """Why a human is needed. `urgency` is one of `URGENCIES`; `diagnosis` the card, if there is one."""

    reason: str
    urgency: str
    summary: str
    diagnosis: dict[str, Any] | None = None


async def create(session: AsyncSession, conversation: Conversation, request: Request) -> Handoff:
    """The conversation's open hand-off, made or updated in the caller's transaction.

    A second request never makes a second record: it raises the urgency (never lowers it),
    takes over the newer summary and diagnosis and refreshes the transcript.
    """
    query = select(Handoff).where(Handoff.conversation_id == conversation.id, Handoff.status != CLOSED)
    handoff = (await session.execute(query)).scalar_one_or_none()
    transcript = await _transcript(session, conversation.id)
    if handoff is None:
        handoff = Handoff(
            reference=await reference(session, Handoff, "H-"),
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            language=conversation.language,
            reason=request.reason,
            urgency=request.urgency,
            summary=request.summary,
            diagnosis=request.diagnosis,
            transcript=transcript,
        )
        session.add(handoff)
        await session.flush()  # gives it its status
        return handoff
    handoff.urgency = max(handoff.urgency, request.urgency, key=URGENCIES.index)
    handoff.summary = request.summary or handoff.summary
    handoff.diagnosis = request.diagnosis or handoff.diagnosis
    handoff.transcript = transcript
    handoff.updated_at = utcnow()
    await session.flush()
    return handoff


async def reference(session: AsyncSession, table: Any, prefix: str) -> str:
    """A number that the customer can quote and that no row of `table` has yet, e.g. `H-7KDQ2`."""
    while True:
        made = prefix + "".join(secrets.choice(ALPHABET) for _ in range(5))
        taken = await session.execute(select(table.id).where(table.reference == made))
        if taken.first() is None:
            return made


async def _transcript(session: AsyncSession, conversation_id: str) -> list[dict[str, str]]:
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.seq.desc())
        .limit(TRANSCRIPT_LIMIT)
    )
    newest_first = (await session.execute(query)).scalars()
    return [{"author": m.author, "text": m.text, "at": m.created_at.isoformat()} for m in newest_first][::-1]
