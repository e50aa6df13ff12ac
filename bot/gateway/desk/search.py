"""Search over conversations: exact for numbers, customers and labels, by part for words. Bounded in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.desk.accounts import SignedIn
from bot.gateway.desk.chats import readable
from bot.gateway.problems import Problem
from bot.store.desk_models import ConversationLabel
from bot.store.models import Case, Conversation, Handoff, Message, utcnow

PAGE = 20
LOOK_BACK = timedelta(days=180)  # for words
AROUND = 40  # characters of a snippet on each side


@dataclass(frozen=True)
class Hit:
    """One conversation found: by its reference, customer, label or text (then where)."""

    conversation_id: str
    by: str
    at: datetime
    snippet: str = ""
    seq: int | None = None


def moment(text: str | None) -> datetime | None:
    """Where the last page ended. Raises a 422 problem for what is no time."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Problem(422, "invalid", errors=[{"at": "query/before", "code": "no_time"}])
    return found


async def find(
    session: AsyncSession, me: SignedIn, words: str, before: datetime | None
) -> tuple[list[Hit], bool]:
    """A page of what is found among what the agent may read, and whether there is more. What is found
    exactly comes first, then words, the newest first."""
    exact = [] if before else await _exact(session, me, words)
    known = {hit.conversation_id for hit in exact}
    texts = await _texts(session, me, words, before)
    page = [*exact, *(hit for hit in texts[:PAGE] if hit.conversation_id not in known)]
    return page, len(texts) > PAGE


async def _exact(session: AsyncSession, me: SignedIn, words: str) -> list[Hit]:
    number = words.upper()
    by_reference = or_(
        Conversation.id.in_(select(Handoff.conversation_id).where(Handoff.reference == number)),
        Conversation.id.in_(select(Case.conversation_id).where(Case.reference == number)),
    )
    labelled = select(ConversationLabel.conversation_id).where(ConversationLabel.label == words)
    ways = {
        "reference": by_reference,
        "customer": Conversation.customer_id == words,
        "label": Conversation.id.in_(labelled),
    }
    found: dict[str, Hit] = {}
    for by, condition in ways.items():
        query = (
            select(Conversation.id, Conversation.created_at)
            .where(condition, readable(me))
            .order_by(Conversation.created_at.desc())
            .limit(PAGE)
        )
        for conversation_id, at in await session.execute(query):
            found.setdefault(conversation_id, Hit(conversation_id, by, at))
    return list(found.values())


async def _texts(session: AsyncSession, me: SignedIn, words: str, before: datetime | None) -> list[Hit]:
    since = utcnow() - LOOK_BACK
    fits = [Message.text.ilike(_part(words), escape="\\"), Message.created_at > since]
    if before is not None:
        fits.append(Message.created_at < before)
    latest = func.max(Message.created_at)
    query: Any = (
        select(Message.conversation_id, func.max(Message.seq), latest)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*fits, readable(me))
        .group_by(Message.conversation_id)
        .order_by(latest.desc(), Message.conversation_id)
        .limit(PAGE + 1)
    )
    rows = (await session.execute(query)).all()
    hits = []
    for conversation_id, seq, at in rows:
        text = select(Message.text).where(Message.conversation_id == conversation_id, Message.seq == seq)
        found = (await session.execute(text)).scalar_one()
        hits.append(Hit(conversation_id, "text", at, _snippet(found, words), seq))
    return hits


def _part(words: str) -> str:
    """The pattern of LIKE for a part of a text that has no meaning of its own there."""
    for special in ("\\", "%", "_"):
        words = words.replace(special, f"\\{special}")
    return f"%{words}%"


def _snippet(text: str, words: str) -> str:
    place = max(0, text.casefold().find(words.casefold()))
    start, end = max(0, place - AROUND), place + len(words) + AROUND
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
