"""Which conversations an agent may read, and how they stand: the queue, one's own, everyone's, those done.

An agent reads what waits in the queue, what they have and what they had; leads read all. What may not be
read is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.naming import masked_id, masked_name
from bot.gateway.desk.sessions import Sessions
from bot.gateway.messages import PREVIEW, timestamp
from bot.gateway.problems import not_found
from bot.handoff import states, status
from bot.store.desk_models import ConversationLabel, ConversationViewer
from bot.store.handoff_models import AgentPresence, HandoffStep
from bot.store.models import AGENT, CLOSED, CUSTOMER, Conversation, Handoff, Message, utcnow

WAITING = (states.QUEUED, states.PROMISED)
HELD = (states.ASSIGNED, states.PARKED)
MOST_WAITING, MOST_LISTED = 200, 100
VIEWING_FOR = timedelta(seconds=40)  # after a desk's last word that a chat is on its screen
VIEWERS_KEPT = timedelta(hours=1)  # until the row is forgotten


@dataclass(frozen=True)
class Chat:
    """A conversation with its newest hand-off (without transcript and diagnosis), if there was any."""

    conversation: Conversation
    handoff: Handoff | None
    cause: str | None  # of the hand-off's diagnosis
    labels: list[str]
    unread: int  # the customer's messages after the last of an agent
    newest: Message | None

    @property
    def id(self) -> str:
        """The conversation's id."""
        return str(self.conversation.id)

    @property
    def state(self) -> str:
        """Who has it, as `bot.handoff.states` names it."""
        return states.BOT if self.handoff is None or self.handoff.status == CLOSED else self.handoff.status

    def held_by(self, me: SignedIn) -> bool:
        """Whether this agent has it now."""
        return self.state in HELD and self.handoff is not None and self.handoff.agent_id == me.id


def readable(me: SignedIn) -> Any:
    """The condition on `Conversation` that an agent may read it."""
    if me.lead:
        return true()
    return or_(
        _exists(Handoff, Handoff.status.in_(WAITING)),
        _exists(Handoff, and_(Handoff.agent_id == me.id, Handoff.status != CLOSED)),
        _exists(HandoffStep, HandoffStep.agent_id == me.id),
    )


def _exists(table: Any, condition: Any) -> Any:
    return (
        select(table.id)
        .where(table.conversation_id == Conversation.id, condition)
        .correlate(Conversation)
        .exists()
    )


class Chats:
    """Reads conversations for the desk, each method in a number of statements that does not grow."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def find(self, me: SignedIn, chat_id: str) -> Chat:
        """The chat, if this agent may read it. Raises a 404 problem."""
        query = select(Conversation.id).where(Conversation.id == chat_id, readable(me))
        async with self._sessions() as session:
            if (await session.execute(query)).first() is None:
                raise not_found()
            return (await self._load(session, [chat_id]))[0]

    async def queue(self) -> tuple[list[Chat], int]:
        """Who waits, in the order in which they are to be taken, at most 200; and how many there are."""
        waiting = Handoff.status.in_(WAITING)
        order = (Handoff.status != states.QUEUED, *status.ORDER)
        ids = select(Handoff.conversation_id).where(waiting).order_by(*order).limit(MOST_WAITING)
        total = select(func.count()).select_from(Handoff).where(waiting)
        async with self._sessions() as session:
            found = list((await session.execute(ids)).scalars())
            return await self._load(session, found), (await session.execute(total)).scalar_one()

    async def waiting(self) -> tuple[int, int, datetime | None]:
        """How many wait, how many of them for something critical, and when that last changed."""
        query = select(Handoff.urgency, func.count(), func.max(Handoff.updated_at)).where(
            Handoff.status.in_(WAITING)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query.group_by(Handoff.urgency))).all()
        return (
            sum(count for _, count, _ in rows),
            sum(count for urgency, count, _ in rows if urgency == "critical"),
            max((at for _, _, at in rows), default=None),
        )

    async def held(self, agent_id: str | None) -> list[Chat]:
        """What an agent has (everyone's for None), the latest changed first."""
        query = select(Handoff.conversation_id).where(Handoff.status.in_(HELD))
        if agent_id is not None:
            query = query.where(Handoff.agent_id == agent_id)
        async with self._sessions() as session:
            newest_first = query.order_by(Handoff.updated_at.desc(), Handoff.id).limit(MOST_LISTED)
            return await self._load(session, list((await session.execute(newest_first)).scalars()))

    async def held_state(self, agent_id: str) -> dict[str, tuple[str, int]]:
        """State and last message number of what an agent has, by conversation."""
        query = (
            select(Conversation.id, Handoff.status, Conversation.last_seq)
            .join(Handoff, Handoff.conversation_id == Conversation.id)
            .where(Handoff.status.in_(HELD), Handoff.agent_id == agent_id)
            .limit(MOST_LISTED)
        )
        async with self._sessions() as session:
            return {each: (state, seq) for each, state, seq in await session.execute(query)}

    async def last_step(self, conversation_id: str) -> HandoffStep | None:
        """What last happened to a conversation."""
        query = select(HandoffStep).where(HandoffStep.conversation_id == conversation_id)
        async with self._sessions() as session:
            newest = query.order_by(HandoffStep.id.desc()).limit(1)
            return (await session.execute(newest)).scalar_one_or_none()

    async def done(self, me: SignedIn) -> list[Chat]:
        """What an agent had and has no more, the latest first."""
        open_here = and_(Handoff.agent_id == me.id, Handoff.status.in_(HELD))
        latest = func.max(HandoffStep.id)
        query = (
            select(HandoffStep.conversation_id)
            .join(Conversation, Conversation.id == HandoffStep.conversation_id)
            .where(HandoffStep.agent_id == me.id, ~_exists(Handoff, open_here))
            .group_by(HandoffStep.conversation_id)
            .order_by(latest.desc())
            .limit(MOST_LISTED)
        )
        async with self._sessions() as session:
            return await self._load(session, list((await session.execute(query)).scalars()))

    async def by_ids(self, ids: Sequence[str]) -> list[Chat]:
        """Chats in the order of their ids. Whether they may be read is the caller's question."""
        async with self._sessions() as session:
            return await self._load(session, ids)

    async def _load(self, session: AsyncSession, ids: Sequence[str]) -> list[Chat]:
        if not ids:
            return []
        newest = and_(Message.conversation_id == Conversation.id, Message.seq == Conversation.last_seq)
        base = select(Conversation, Message, _unread()).outerjoin(Message, newest)
        rows = (await session.execute(base.where(Conversation.id.in_(ids)))).all()
        handoffs = select(Handoff, Handoff.diagnosis["cause"].as_string())
        handoffs = handoffs.where(Handoff.conversation_id.in_(ids)).order_by(Handoff.created_at)
        lean = handoffs.options(defer(Handoff.transcript), defer(Handoff.diagnosis))
        # The newest comes last, and stays.
        latest = {one.conversation_id: (one, cause) for one, cause in await session.execute(lean)}
        labels: dict[str, list[str]] = {}
        marked = select(ConversationLabel).where(ConversationLabel.conversation_id.in_(ids))
        for label in (await session.execute(marked.order_by(ConversationLabel.label))).scalars():
            labels.setdefault(label.conversation_id, []).append(label.label)
        chats = {}
        for conversation, message, unread in rows:
            handoff, cause = latest.get(conversation.id, (None, None))
            chats[conversation.id] = Chat(
                conversation, handoff, cause, labels.get(conversation.id, []), unread, message
            )
        return [chats[each] for each in ids if each in chats]

    # who is there, who looks

    async def present(self) -> dict[str, int]:
        """The agents who are at the desk, and how many conversations each has."""
        here = AgentPresence.seen_at > utcnow() - status.PRESENT
        query = (
            select(AgentPresence.agent_id, func.count(Handoff.id))
            .outerjoin(Handoff, and_(Handoff.agent_id == AgentPresence.agent_id, Handoff.status.in_(HELD)))
            .where(here)
            .group_by(AgentPresence.agent_id)
        )
        async with self._sessions() as session:
            return {agent: count for agent, count in await session.execute(query)}

    async def views(self, me: SignedIn, chat_id: str) -> None:
        """The agent has the chat on their screen."""
        async with self._sessions() as session, session.begin():
            old = ConversationViewer.seen_at < utcnow() - VIEWERS_KEPT
            await session.execute(
                delete(ConversationViewer).where(old).execution_options(synchronize_session=False)
            )
            await session.merge(
                ConversationViewer(
                    conversation_id=chat_id, agent_id=me.id, name=me.agent.name, seen_at=utcnow()
                )
            )

    async def views_no_more(self, me: SignedIn, chat_id: str) -> None:
        """The agent has closed the chat on their screen."""
        async with self._sessions() as session, session.begin():
            row = await session.get(ConversationViewer, (chat_id, me.id))
            if row is not None:
                await session.delete(row)

    async def viewed_by(self, me: SignedIn) -> list[str]:
        """The chats that are on this agent's screens, and that they may still read."""
        query = (
            select(ConversationViewer.conversation_id)
            .join(Conversation, Conversation.id == ConversationViewer.conversation_id)
            .where(ConversationViewer.agent_id == me.id, _fresh(), readable(me))
            .limit(MOST_LISTED)
        )
        async with self._sessions() as session:
            return list((await session.execute(query)).scalars())

    async def viewers(self, ids: Sequence[str], me: SignedIn) -> dict[str, list[tuple[str, str]]]:
        """The (id, name) of others who have these chats on their screens."""
        query = (
            select(ConversationViewer)
            .where(
                ConversationViewer.conversation_id.in_(ids), ConversationViewer.agent_id != me.id, _fresh()
            )
            .order_by(ConversationViewer.name)
        )
        found: dict[str, list[tuple[str, str]]] = {each: [] for each in ids}
        async with self._sessions() as session:
            for one in (await session.execute(query)).scalars():
                found[one.conversation_id].append((one.agent_id, one.name))
        return found


def _fresh() -> Any:
    return ConversationViewer.seen_at > utcnow() - VIEWING_FOR


def _unread() -> Any:
    spoken = aliased(Message)
    last_word = (
        select(func.coalesce(func.max(spoken.seq), 0))
        .where(spoken.conversation_id == Conversation.id, spoken.author == AGENT)
        .correlate(Conversation)
        .scalar_subquery()
    )
    counted = aliased(Message)
    return (
        select(func.count())
        .select_from(counted)
        .where(
            counted.conversation_id == Conversation.id,
            counted.author == CUSTOMER,
            counted.seq > last_word,
        )
        .correlate(Conversation)
        .scalar_subquery()
    )


def may(chat: Chat, me: SignedIn) -> list[str]:
    """What this agent can do with a chat now: the same that `bot.handoff.states` allows."""
    mine = chat.held_by(me)
    allowed = ["read"]
    if chat.state in WAITING:
        allowed.append("take")
    if mine:
        allowed.append("send")
    if chat.state in HELD and (mine or me.lead):
        allowed += ["transfer", "return", "resolve"]
        if chat.state == states.ASSIGNED:
            allowed.append("queue")
    return [*allowed, "note", "label"]


def chat_json(chat: Chat, me: SignedIn) -> dict[str, Any]:
    """A chat as the desk's page sees it. What is said in chats that the agent does not have is told only
    when they open them, and that is written down."""
    conversation, handoff, waiting = chat.conversation, chat.handoff, chat.state in WAITING
    # What it was about is of interest in the list of those done, too.
    since = (handoff.waiting_since if waiting else handoff.updated_at) if handoff else conversation.created_at
    held = handoff is not None and chat.state in HELD
    return {
        "id": conversation.id,
        "reference": handoff.reference if handoff else None,
        "mode": status.mode(handoff) if handoff is not None and chat.state != states.BOT else states.BOT,
        "reason": handoff.reason if handoff else None,
        "urgency": handoff.urgency if handoff else None,
        "language": conversation.language,
        "customer": customer_json(conversation),
        "cause": chat.cause,
        "since": timestamp(since),
        "waiting_seconds": max(0, round((utcnow() - since).total_seconds())) if waiting else None,
        "agent": {"id": handoff.agent_id, "name": handoff.agent_name} if held and handoff else None,
        "labels": chat.labels,
        "updated_at": timestamp(chat.newest.created_at if chat.newest else conversation.created_at),
        "last_seq": conversation.last_seq,
        "unread": chat.unread,
        "preview": chat.newest.text[:PREVIEW] if chat.newest and chat.held_by(me) else "",
        "may": may(chat, me),
    }


def customer_json(conversation: Conversation) -> dict[str, Any]:
    """Whose conversation it is, masked."""
    return {
        "name": masked_name(conversation.customer_name),
        "id": masked_id(conversation.customer_id),
        "signed_in": conversation.customer_id is not None,
    }
