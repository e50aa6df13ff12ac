"""What an agent knows without asking: who it is, what the bot found, what was tried, what else is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.chats import Chat
from bot.gateway.desk.naming import masked_id, masked_name
from bot.gateway.messages import PREVIEW, timestamp
from bot.store.models import (
    BOT,
    CLOSED,
    CUSTOMER,
    Attachment,
    Case,
    Conversation,
    Handoff,
    Message,
    Rating,
    utcnow,
)

MOST_CASES, MOST_PICTURES, MOST_STEPS, MOST_EARLIER = 20, 50, 20, 20
STILL_NOT_WORKING = "still_not_working"


@dataclass(frozen=True)
class Known:
    """What the support database knows around a chat."""

    handoff: Handoff | None  # with its diagnosis
    steps: list[Message]  # the bot's messages that hold fix steps
    still_not_working: int
    cases: list[Case]
    pictures: list[tuple[Attachment, int]]  # with the number of the message
    rating: Rating | None


async def known(session: AsyncSession, chat: Chat) -> Known:
    """Reads all of it, in a fixed number of bounded statements."""
    here, customer_id = chat.conversation.id, chat.conversation.customer_id
    steps = (
        select(Message)
        .where(Message.conversation_id == here, Message.author == BOT, holding("steps"))
        .order_by(Message.seq.desc())
        .limit(MOST_STEPS)
    )
    complaints = select(func.count()).where(
        Message.conversation_id == here,
        Message.author == CUSTOMER,
        Message.understood["intent"].as_string() == STILL_NOT_WORKING,
    )
    cases = (
        select(Case)
        .where(Case.customer_id == customer_id)
        .order_by(Case.status == CLOSED, Case.created_at.desc())
        .limit(MOST_CASES)
    )
    pictures = (
        select(Attachment, Message.seq)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.conversation_id == here)
        .order_by(Message.seq.desc(), Attachment.id)
        .limit(MOST_PICTURES)
    )
    return Known(
        handoff=await session.get(Handoff, chat.handoff.id) if chat.handoff else None,
        steps=list((await session.execute(steps)).scalars())[::-1],
        still_not_working=(await session.execute(complaints)).scalar_one(),
        cases=list((await session.execute(cases)).scalars()) if customer_id else [],
        pictures=[(picture, seq) for picture, seq in await session.execute(pictures)],
        rating=await session.get(Rating, here),
    )


def holding(kind: str) -> Any:
    """The condition that a message has a block of this kind, in any database."""
    return cast(Message.blocks, String).like(f'%"type": "{kind}"%')


def context_json(chat: Chat, found: Known, ledger: dict[str, Any] | None) -> dict[str, Any]:
    """The context panel. `ledger`: what the action server says, None when it cannot."""
    conversation, handoff = chat.conversation, found.handoff
    recorded = (ledger or {}).get("customer") or {}
    return {
        "customer": {
            "name": masked_name(recorded.get("name") or conversation.customer_name),
            "id": masked_id(conversation.customer_id),
            "language": recorded.get("language") or conversation.language,
            "zone": recorded.get("zone"),
            "signed_in": conversation.customer_id is not None,
        },
        "reason": handoff.reason if handoff else None,
        "urgency": handoff.urgency if handoff else None,
        "summary": handoff.summary if handoff else "",
        "diagnosis": handoff.diagnosis if handoff else None,
        "current": (ledger or {}).get("current"),
        "tried": [
            {"seq": message.seq, "items": block["items"], "done": block.get("done", [])}
            for message in found.steps
            for block in message.blocks
            if block.get("type") == "steps"
        ],
        "still_not_working": found.still_not_working,
        "records": {"available": ledger is not None, "payments": (ledger or {}).get("payments") or []},
        "cases": [case_json(one) for one in found.cases],
        "pictures": [picture_json(picture, seq) for picture, seq in found.pictures],
        "rating": {"score": found.rating.score, "words": found.rating.words} if found.rating else None,
    }


async def earlier(session: AsyncSession, chat: Chat) -> list[dict[str, Any]]:
    """The same customer's other conversations, the newest first; none for a visitor."""
    if chat.conversation.customer_id is None:
        return []
    query = (
        select(Conversation, Message.text, Message.created_at, Rating.score)
        .outerjoin(
            Message, (Message.conversation_id == Conversation.id) & (Message.seq == Conversation.last_seq)
        )
        .outerjoin(Rating, Rating.conversation_id == Conversation.id)
        .where(Conversation.customer_id == chat.conversation.customer_id, Conversation.id != chat.id)
        .order_by(Conversation.created_at.desc(), Conversation.id)
        .limit(MOST_EARLIER)
    )
    rows = (await session.execute(query)).all()
    ids = [conversation.id for conversation, *_ in rows]
    causes = await causes_of(session, ids)
    ended = select(Handoff.conversation_id, Handoff.outcome["result"].as_string()).where(
        Handoff.conversation_id.in_(ids), Handoff.status == CLOSED
    )
    outcomes = dict((await session.execute(ended.order_by(Handoff.created_at))).all())
    return [
        {
            "id": conversation.id,
            "created_at": timestamp(conversation.created_at),
            "updated_at": timestamp(at or conversation.created_at),
            "language": conversation.language,
            "causes": causes.get(conversation.id, []),
            "outcome": outcomes.get(conversation.id),
            "rating": score,
            "preview": (text or "")[:PREVIEW],
        }
        for conversation, text, at, score in rows
    ]


async def causes_of(session: AsyncSession, ids: list[str]) -> dict[str, list[str]]:
    """The causes that the bot found in conversations, in order, each once."""
    query = (
        select(Message.conversation_id, Message.blocks)
        .where(Message.conversation_id.in_(ids), Message.author == BOT, holding("diagnosis"))
        .order_by(Message.conversation_id, Message.seq)
    )
    found: dict[str, dict[str, None]] = {}
    for conversation_id, blocks in await session.execute(query):
        for block in blocks:
            if block.get("type") == "diagnosis" and block.get("cause"):
                found.setdefault(conversation_id, {})[block["cause"]] = None
    return {conversation_id: list(causes) for conversation_id, causes in found.items()}


def case_json(case: Case) -> dict[str, Any]:
    """A case as agents see it."""
    return {
        "id": case.id,
        "reference": case.reference,
        "status": case.status,
        "title": case.title,
        "cause": case.cause,
        "promised_by": timestamp(case.promised_by),
        "created_at": timestamp(case.created_at),
        "overdue": case.status != CLOSED and case.promised_by < utcnow(),
        "chat": case.conversation_id,
    }


def picture_json(picture: Attachment, seq: int) -> dict[str, Any]:
    """A picture in a list; the picture itself has its own address under its chat."""
    return {
        "id": picture.id,
        "chat": picture.conversation_id,
        "width": picture.width,
        "height": picture.height,
        "created_at": timestamp(picture.created_at),
        "seq": seq,
    }
