"""Cases: something that only the company can put right, with a number and a promise to the customer.

One open case for one thing: asking again finds the one that is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff.record import reference
from bot.store.models import CLOSED, Case, Conversation, utcnow

MOST_LISTED = 10


@dataclass(frozen=True)
class CaseRequest:
    """What a case is about. `about` names the payment (or "account"); `promised_by` is UTC."""

    about: str
    cause: str
    title: str
    promised_by: datetime
    summary: str
    diagnosis: dict[str, Any] | None = None


async def known_case(session: AsyncSession, conversation: Conversation, about: str) -> Case | None:
    """The customer's open case for this thing, if there is one; None for a visitor."""
    query = select(Case).where(
        Case.customer_id == conversation.customer_id, Case.about == about, Case.status != CLOSED
    )
    return (await session.execute(query)).scalar_one_or_none()


async def open_case(session: AsyncSession, conversation: Conversation, request: CaseRequest) -> Case | None:
    """The customer's open case for this thing, made in the caller's transaction if there is none.

    None for a visitor: a case belongs to a customer. One that is there keeps its number and its promise
    and takes over the newer summary and diagnosis.
    """
    if conversation.customer_id is None:
        return None
    case = await known_case(session, conversation, request.about)
    if case is None:
        case = Case(
            reference=await reference(session, Case, "C-"),
            customer_id=conversation.customer_id,
            conversation_id=conversation.id,
            about=request.about,
            cause=request.cause,
            title=request.title,
            summary=request.summary,
            diagnosis=request.diagnosis,
            promised_by=request.promised_by,
        )
        session.add(case)
    else:
        case.summary, case.diagnosis = request.summary, request.diagnosis or case.diagnosis
        case.updated_at = utcnow()
    await session.flush()
    return case


async def cases_of(session: AsyncSession, customer_id: str | None) -> Sequence[Case]:
    """A customer's newest cases, open ones first; none for a visitor."""
    if customer_id is None:
        return []
    query = (
        select(Case)
        .where(Case.customer_id == customer_id)
        .order_by(Case.status == CLOSED, Case.created_at.desc())
        .limit(MOST_LISTED)
    )
    return list((await session.execute(query)).scalars())
