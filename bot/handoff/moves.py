"""Carries transitions out: one place that changes a hand-off's state and writes its history.

Everything here runs in the caller's transaction, after `lock` has made it the only one in the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff import states
from bot.store.handoff_models import HandoffStep
from bot.store.models import CLOSED, SYSTEM, Conversation, Handoff, Message, utcnow
from bot.store.store import locked


class NotThere(Exception):
    """The conversation has no open hand-off."""


class Taken(Exception):
    """Someone else was quicker."""


@dataclass(frozen=True)
class Actor:
    """Who does something: the customer, the bot, the system, or an agent with an id and a name.

    `remote`: an agent at another company's help desk, which need not be told what it told us.
    """

    kind: str
    id: str | None = None
    name: str = ""
    lead: bool = False
    remote: bool = False

    def roles(self, handoff: Handoff) -> set[str]:
        """Their roles towards a hand-off, as `states.TABLE` names them."""
        roles = {self.kind}
        if self.kind == states.AGENT:
            roles |= {states.OWNER} if handoff.agent_id == self.id else set()
            roles |= {states.LEAD} if self.lead else set()
        return roles


CUSTOMER, THE_BOT, THE_SYSTEM = Actor(states.CUSTOMER), Actor(states.THE_BOT), Actor(states.SYSTEM)


def agent(agent_id: str, name: str, *, lead: bool = False, remote: bool = False) -> Actor:
    """An agent, as the caller has verified them; `name` is what customers read."""
    return Actor(states.AGENT, agent_id, name, lead, remote)


async def lock(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, with all other writers waiting. The first statement of every transaction here.
    Raises NotThere when there is none."""
    conversation = await locked(session, conversation_id)
    if conversation is None:
        raise NotThere
    return conversation


async def open_handoff(session: AsyncSession, conversation_id: str) -> Handoff | None:
    """The conversation's open hand-off, read afresh; None while the bot has it."""
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.status != CLOSED)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def need_handoff(session: AsyncSession, conversation_id: str) -> Handoff:
    """The conversation's open hand-off. Raises NotThere."""
    found = await open_handoff(session, conversation_id)
    if found is None:
        raise NotThere
    return found


async def move(
    session: AsyncSession, handoff: Handoff, event: str, actor: Actor, why: str = "", **values: Any
) -> None:
    """Makes the transition with further `values`, if nobody was quicker, and writes it down.

    Raises states.NotPossible, states.NotAllowed, Taken.
    """
    before, now = handoff.status, utcnow()
    to = states.after(before, event, actor.roles(handoff))
    values |= {"status": to, "updated_at": now}
    if to == states.BOT:
        values |= {"status": CLOSED, "closed_at": now, "closed_by": event}
    owner = Handoff.agent_id.is_(None) if handoff.agent_id is None else Handoff.agent_id == handoff.agent_id
    done = await session.execute(
        update(Handoff)
        .where(Handoff.id == handoff.id, Handoff.status == before, owner)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:
        raise Taken
    await session.refresh(handoff)
    record(session, handoff, event, before, to, actor, why)


def record(
    session: AsyncSession, handoff: Handoff, event: str, before: str, to: str, actor: Actor, why: str
) -> None:
    """Adds one line to the history."""
    session.add(
        HandoffStep(
            handoff_id=handoff.id,
            conversation_id=handoff.conversation_id,
            event=event,
            from_state=before,
            to_state=to,
            actor=actor.kind,
            actor_id=actor.id,
            agent_id=handoff.agent_id if to in (states.ASSIGNED, states.PARKED) else None,
            why=why,
        )
    )


async def write(
    session: AsyncSession, conversation: Conversation, author: str, text: str, **values: Any
) -> Message:
    """Adds a message that answers nothing, with the next number."""
    conversation.last_seq += 1
    blocks = values.pop("blocks", [])
    message = Message(
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        author=author,
        text=text,
        blocks=[{"type": "text", "text": text}, *blocks],
        **values,
    )
    session.add(message)
    await session.flush()
    return message


async def tell(
    session: AsyncSession, conversation: Conversation, text: str, blocks: Sequence[dict[str, Any]] = ()
) -> None:
    """Adds a message of the service itself."""
    await write(session, conversation, SYSTEM, text, blocks=list(blocks))
