"""The desk: what agents do with conversations. Each method is one transaction, then told to open streams.

A desk's routes and other help desks' adapters call these alike; they say who the agent is (`moves.agent`),
having verified it. Raises, everywhere: NotThere (no such conversation, or no open hand-off), Taken (another
agent has it), states.NotAllowed and states.NotPossible.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import and_, case, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import defer, sessionmaker

from bot.gateway.hub import AGENT_TYPING, CUSTOMER_TYPING, DESK, MESSAGE, STATUS, Hub
from bot.gateway.masking import mask
from bot.handoff import customer, states, status
from bot.handoff.customer import Rules
from bot.handoff.moves import THE_SYSTEM, Actor, Taken, lock, move, need_handoff, open_handoff, tell, write
from bot.handoff.sentences import say
from bot.store.handoff_models import AgentPresence, HandoffNote, HandoffStep
from bot.store.models import AGENT, SYSTEM, Conversation, Handoff, Message, utcnow
from bot.store.store import IdempotencyConflict

MAX_TEXT = 4_000  # characters of an agent's message or note
MAX_KEY = 100
MAX_WHY = 1_000


@dataclass(frozen=True)
class Outcome:
    """What an agent found. The answers are the seed of later learning; each may be left open."""

    result: str | None = None  # solved, not_solved, customer_left, elsewhere
    diagnosis_right: bool | None = None
    true_cause: str | None = None  # a cause of actions.diagnosis, or the agent's own word
    meant_intent: str | None = None
    labels: tuple[str, ...] = ()


class Desk:
    """The hand-offs of the support database, for agents and for the gateway."""

    def __init__(self, engine: AsyncEngine, hub: Hub, rules: Rules) -> None:
        self._session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, future=True)
        self._hub, self.rules = hub, rules

    @asynccontextmanager
    async def _in(self, conversation_id: str) -> AsyncIterator[tuple[AsyncSession, Conversation]]:
        async with self._session() as session, session.begin():
            yield session, await lock(session, conversation_id)
        await self.announce(conversation_id)

    async def announce(self, conversation_id: str) -> None:
        """Tells the customer's streams and the desk's that something has changed."""
        await self._hub.publish(conversation_id, MESSAGE)
        await self._hub.publish(conversation_id, STATUS)
        await self._hub.publish(DESK, conversation_id)

    # looking

    async def current(self, conversation_id: str) -> Handoff | None:
        """The open hand-off; None while the bot has the conversation."""
        async with self._session() as session:
            return await open_handoff(session, conversation_id)

    async def begins_anew(self, conversation_id: str) -> bool:
        """See `customer.begins_anew`."""
        async with self._session() as session:
            return await customer.begins_anew(session, conversation_id)

    async def statuses(self, conversation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The hand-off status objects of conversations, by their ids."""
        async with self._session() as session:
            return await status.statuses(session, conversation_ids)

    async def status(self, conversation_id: str) -> dict[str, Any]:
        """The hand-off status object of one conversation."""
        return (await self.statuses([conversation_id]))[conversation_id]

    async def queue(self, limit: int = 500) -> list[Handoff]:
        """Who waits, in the order in which they are to be taken: first those who are there now.

        `transcript` and `diagnosis` are not loaded.
        """
        now_first = case((Handoff.status == states.QUEUED, 0), else_=1)
        waiting = Handoff.status.in_((states.QUEUED, states.PROMISED))
        return await self._listed(select(Handoff).where(waiting).order_by(now_first, *status.ORDER), limit)

    async def held_by(self, agent_id: str, limit: int = 100) -> list[Handoff]:
        """What an agent has, the longest held first; loaded as in `queue`."""
        held = and_(Handoff.agent_id == agent_id, Handoff.status.in_((states.ASSIGNED, states.PARKED)))
        return await self._listed(select(Handoff).where(held).order_by(Handoff.updated_at, Handoff.id), limit)

    async def _listed(self, query: Any, limit: int) -> list[Handoff]:
        lean = query.options(defer(Handoff.transcript), defer(Handoff.diagnosis)).limit(limit)
        async with self._session() as session:
            return list((await session.execute(lean)).scalars())

    async def history(self, conversation_id: str) -> list[HandoffStep]:
        """Every transition of the conversation's hand-offs, in order."""
        query = select(HandoffStep).where(HandoffStep.conversation_id == conversation_id)
        async with self._session() as session:
            return list((await session.execute(query.order_by(HandoffStep.id))).scalars())

    async def notes(self, conversation_id: str) -> list[HandoffNote]:
        """Agents' notes on the conversation, in order."""
        query = select(HandoffNote).where(HandoffNote.conversation_id == conversation_id)
        async with self._session() as session:
            return list((await session.execute(query.order_by(HandoffNote.created_at))).scalars())

    # passing the conversation on

    async def take(self, agent: Actor, conversation_id: str) -> Handoff:
        """The agent takes the conversation; taking what one has already changes nothing."""
        async with self._in(conversation_id) as (session, conversation):
            handoff = await need_handoff(session, conversation_id)
            if handoff.status in (states.ASSIGNED, states.PARKED):
                if handoff.agent_id != agent.id:
                    raise Taken
                return handoff
            await move(
                session,
                handoff,
                states.TAKE,
                agent,
                agent_id=agent.id,
                agent_name=agent.name,
                front=False,
                taken_at=handoff.taken_at or utcnow(),
            )
            await tell(session, conversation, say("joined", conversation.language, name=agent.name))
        return handoff

    async def transfer(self, agent: Actor, conversation_id: str, to: Actor, why: str = "") -> Handoff:
        """Gives the conversation to another agent."""
        async with self._in(conversation_id) as (session, conversation):
            handoff = await need_handoff(session, conversation_id)
            values = {"agent_id": to.id, "agent_name": to.name}
            await move(session, handoff, states.TRANSFER, agent, why[:MAX_WHY], **values)
            await tell(session, conversation, say("joined", conversation.language, name=to.name))
        return handoff

    async def requeue(self, agent: Actor, conversation_id: str, why: str = "") -> Handoff:
        """Puts the conversation back into the queue, at the place of its waiting time."""
        async with self._in(conversation_id) as (session, conversation):
            handoff = await need_handoff(session, conversation_id)
            await customer.free(session, handoff, agent, states.REQUEUE, why[:MAX_WHY])
            await tell(session, conversation, say("requeued", conversation.language))
        return handoff

    async def park(self, agent: Actor, conversation_id: str) -> Handoff:
        """The customer is away: the conversation stays the agent's and comes back when they write."""
        async with self._in(conversation_id) as (session, _):
            handoff = await need_handoff(session, conversation_id)
            await move(session, handoff, states.PARK, agent)
        return handoff

    async def reopen(self, agent: Actor, conversation_id: str) -> Handoff:
        """Takes a parked conversation up again without waiting for the customer."""
        async with self._in(conversation_id) as (session, _):
            handoff = await need_handoff(session, conversation_id)
            await move(session, handoff, states.REOPEN, agent)
        return handoff

    async def hand_back(self, agent: Actor, conversation_id: str, note: str) -> Handoff:
        """Gives the conversation to the bot; the note says why, to agents."""
        async with self._in(conversation_id) as (session, conversation):
            handoff = await need_handoff(session, conversation_id)
            await customer.close(session, self.rules, handoff, states.HAND_BACK, agent, note[:MAX_WHY])
            await tell(session, conversation, say("handed_back", conversation.language, name=agent.name))
        return handoff

    async def resolve(self, agent: Actor, conversation_id: str, outcome: Outcome, why: str = "") -> Handoff:
        """The matter is settled. The customer is asked how it was, and the bot is there again."""
        async with self._in(conversation_id) as (session, conversation):
            handoff = await need_handoff(session, conversation_id)
            found = {**asdict(outcome), "labels": list(outcome.labels)}
            await customer.close(
                session, self.rules, handoff, states.RESOLVE, agent, why[:MAX_WHY], outcome=found
            )
            text = say("resolved", conversation.language, name=agent.name)
            await tell(session, conversation, text, [{"type": "rating"}])
        return handoff

    async def cancel(self, conversation_id: str) -> None:
        """The customer goes back to the bot; nothing happens when the bot has them already."""
        async with self._in(conversation_id) as (session, conversation):
            if await customer.cancel(session, self.rules, conversation):
                await tell(session, conversation, say("cancelled", conversation.language))

    # speaking

    async def say(self, agent: Actor, conversation_id: str, text: str, key: str) -> Message:
        """The agent's message to the customer, masked like a customer's. The same key is the same message
        (IdempotencyConflict for another text). `text` is at most MAX_TEXT long, `key` MAX_KEY."""
        safe, client_key = mask(text[:MAX_TEXT]), f"agent:{agent.id}:{key[:MAX_KEY]}"
        async with self._in(conversation_id) as (session, conversation):
            query = select(Message).where(
                Message.conversation_id == conversation_id, Message.client_key == client_key
            )
            if earlier := (await session.execute(query)).scalar_one_or_none():
                if earlier.text != safe.text:
                    raise IdempotencyConflict
                return earlier
            handoff = await need_handoff(session, conversation_id)
            if handoff.status not in (states.ASSIGNED, states.PARKED) or handoff.agent_id != agent.id:
                raise states.NotAllowed(f"say in {handoff.status}")
            handoff.replied_at = handoff.replied_at or utcnow()
            return await write(
                session,
                conversation,
                AGENT,
                safe.text,
                masked=safe.found,
                client_key=client_key,
                agent_id=agent.id,
                agent_name=agent.name,
            )

    async def note(self, agent: Actor, conversation_id: str, text: str, key: str) -> HandoffNote:
        """A note that only agents see, masked; the same key is the same note."""
        client_key = f"{agent.id}:{key[:MAX_KEY]}"
        async with self._in(conversation_id) as (session, _):
            query = select(HandoffNote).where(
                HandoffNote.conversation_id == conversation_id, HandoffNote.client_key == client_key
            )
            note = (await session.execute(query)).scalar_one_or_none()
            if note is None:
                note = HandoffNote(
                    conversation_id=conversation_id,
                    agent_id=agent.id,
                    agent_name=agent.name,
                    text=mask(text[:MAX_TEXT]).text,
                    client_key=client_key,
                )
                session.add(note)
        return note

    async def typing(self, agent: Actor, conversation_id: str) -> None:
        """The agent is writing: shown to the customer for a moment, kept nowhere."""
        handoff = await self.current(conversation_id)
        if handoff is not None and handoff.status == states.ASSIGNED and handoff.agent_id == agent.id:
            await self._hub.publish(conversation_id, AGENT_TYPING)

    async def customer_typing(self, conversation_id: str) -> None:
        """The customer is writing: shown to their agent for a moment, kept nowhere."""
        handoff = await self.current(conversation_id)
        if handoff is not None and handoff.status in (states.ASSIGNED, states.PARKED):
            await self._hub.publish(DESK, f"{CUSTOMER_TYPING}{conversation_id}")

    # being there

    async def here(self, agent: Actor) -> None:
        """A sign of life of an agent's desk; to be given a few times a minute."""
        async with self._session() as session, session.begin():
            await session.merge(AgentPresence(agent_id=agent.id, name=agent.name, seen_at=utcnow()))

    async def leave(self, agent: Actor) -> None:
        """The agent signs off: what they were busy with goes to the front of the queue."""
        for handoff in await self.held_by(agent.id or ""):
            await self._free(handoff.conversation_id, agent.id)
        async with self._session() as session, session.begin():
            await session.execute(delete(AgentPresence).where(AgentPresence.agent_id == agent.id))

    async def sweep(self) -> int:
        """Frees the conversations of agents who are gone, parks those of customers who are away.

        Returns how many it moved. To be called every few seconds, by any number of processes.
        """
        now, moved = utcnow(), 0
        busy = select(Handoff.conversation_id, Handoff.agent_id).where(Handoff.status == states.ASSIGNED)
        agents_gone = busy.join(AgentPresence, AgentPresence.agent_id == Handoff.agent_id).where(
            AgentPresence.seen_at < now - self.rules.agent_gone
        )
        customers_away = (
            busy.join(Conversation, Conversation.id == Handoff.conversation_id)
            .join(
                Message,
                and_(Message.conversation_id == Conversation.id, Message.seq == Conversation.last_seq),
            )
            .where(Message.author.in_((AGENT, SYSTEM)), Message.created_at < now - self.rules.customer_away)
        )
        async with self._session() as session:
            gone = (await session.execute(agents_gone)).all()
            away = (await session.execute(customers_away)).all()
        for conversation_id, agent_id in gone:
            moved += await self._free(conversation_id, agent_id)
        for conversation_id, agent_id in away:
            moved += await self._park(conversation_id, agent_id)
        return moved

    async def _free(self, conversation_id: str, agent_id: str | None) -> bool:
        async with self._in(conversation_id) as (session, conversation):
            handoff = await open_handoff(session, conversation_id)
            if handoff is None or handoff.status != states.ASSIGNED or handoff.agent_id != agent_id:
                return False
            name = handoff.agent_name
            await customer.free(session, handoff, THE_SYSTEM, states.AGENT_GONE, front=True)
            await tell(session, conversation, say("agent_gone", conversation.language, name=name))
        return True

    async def _park(self, conversation_id: str, agent_id: str) -> bool:
        async with self._in(conversation_id) as (session, _):
            handoff = await open_handoff(session, conversation_id)
            if handoff is None or handoff.status != states.ASSIGNED or handoff.agent_id != agent_id:
                return False
            await move(session, handoff, states.PARK, THE_SYSTEM)
        return True
