"""Where a customer stands: the hand-off status object, the order of the queue, an honest estimate."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff import states
from bot.store.handoff_models import AgentPresence, HandoffStep
from bot.store.models import CLOSED, Conversation, Handoff, utcnow

RECENT = timedelta(hours=2)  # what an estimate is made from
FEWEST_TAKEN = 5  # conversations taken in that time; with fewer the wait is not known
PRESENT = timedelta(minutes=2)  # since an agent's last sign of life

# Critical first, then those whose agent went away, then by waiting time.
ORDER = (
    case((Handoff.urgency == "critical", 0), else_=1),
    case((Handoff.front.is_(True), 0), else_=1),
    Handoff.waiting_since,
    Handoff.id,
)


async def status_of(session: AsyncSession, conversation: Conversation) -> dict[str, Any]:
    """The conversation's status object: `{"mode": "bot"}`, or who has it and how long it may take."""
    return (await statuses(session, [conversation.id]))[conversation.id]


async def statuses(session: AsyncSession, conversation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The status objects of several conversations, by their ids."""
    query = select(Handoff).where(Handoff.conversation_id.in_(conversation_ids), Handoff.status != CLOSED)
    found = {one.conversation_id: one for one in (await session.execute(query)).scalars()}
    line: list[str] = []
    pace: float | None = None
    if any(one.status == states.QUEUED for one in found.values()):
        line, pace = await queue_ids(session), await minutes_each(session)
    return {
        each: _status(found[each], line, pace) if each in found else {"mode": states.BOT}
        for each in conversation_ids
    }


def _status(handoff: Handoff, line: Sequence[str], pace: float | None) -> dict[str, Any]:
    status: dict[str, Any] = {"mode": mode(handoff), "reference": handoff.reference}
    if handoff.status == states.PROMISED:
        opens = handoff.opens_at
        status["opens_at"] = opens.isoformat().replace("+00:00", "Z") if opens else None
    elif handoff.status == states.QUEUED:
        position = line.index(handoff.conversation_id) + 1 if handoff.conversation_id in line else 1
        status |= {"position": position, "wait_minutes": math.ceil(position * pace) if pace else None}
    else:
        status["agent"] = {"name": handoff.agent_name}
    return status


def mode(handoff: Handoff) -> str:
    """A hand-off's state as customers' pages name it."""
    return "closed_hours" if handoff.status == states.PROMISED else str(handoff.status)


async def queue_ids(session: AsyncSession) -> list[str]:
    """The conversations that wait now, in the order in which they are to be taken."""
    query = select(Handoff.conversation_id).where(Handoff.status == states.QUEUED).order_by(*ORDER)
    return list((await session.execute(query)).scalars())


async def minutes_each(session: AsyncSession) -> float | None:
    """In how many minutes the agents who are here take the next one; None if that can't be said.

    The median pause between conversations taken lately, stretched if fewer agents are here than took them.
    """
    now = utcnow()
    query = (
        select(HandoffStep.at, HandoffStep.actor_id)
        .where(HandoffStep.event == states.TAKE, HandoffStep.at > now - RECENT)
        .order_by(HandoffStep.at)
    )
    taken = (await session.execute(query)).all()
    here = select(func.count()).select_from(AgentPresence).where(AgentPresence.seen_at > now - PRESENT)
    present = (await session.execute(here)).scalar_one()
    if len(taken) < FEWEST_TAKEN or not present:
        return None
    pauses = [
        (later - earlier).total_seconds() / 60 for (earlier, _), (later, _) in itertools.pairwise(taken)
    ]
    return median(pauses) * len({who for _, who in taken}) / present
