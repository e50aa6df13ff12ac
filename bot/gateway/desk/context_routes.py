"""What an agent looks up around a chat: the context panel, earlier conversations, replies to choose, search.

Each of these views of a customer's records is written to the audit log before it is answered.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select

from bot.gateway.desk import canned, context, search
from bot.gateway.desk.bodies import CannedText
from bot.gateway.desk.caller import DeskHere, DeskParts, Me, guard
from bot.gateway.desk.canned import KEY, Reply, UnknownVariable, fill, left_open, values_for
from bot.gateway.desk.chat_routes import ChatHere, Seq
from bot.gateway.desk.chats import Chat, chat_json
from bot.gateway.desk.ledger import payment_in_question
from bot.gateway.desk.reading import SEEN_LIMIT, page_of, read_page
from bot.gateway.desk.roles import PREFIX
from bot.gateway.identity import known_language
from bot.gateway.messages import timestamp
from bot.gateway.problems import Problem, not_found
from bot.store.models import Conversation, Handoff

router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])
Language = Annotated[str | None, Query(max_length=8)]


@router.get("/chats/{chat_id}/context")
async def panel(chat: ChatHere, me: Me, desk: DeskHere) -> dict[str, Any]:
    """The context panel."""
    await desk.audit.wrote(
        me, "context", customer=chat.conversation.customer_id, conversation=chat.id, why=chat.state
    )
    async with desk.sessions() as session:
        found = await context.known(session, chat)
    diagnosis = found.handoff.diagnosis if found.handoff else None
    ledger = await desk.ledger.customer(
        chat.conversation, payment_in_question(diagnosis), chat.conversation.language
    )
    return context.context_json(chat, found, ledger)


@router.get("/chats/{chat_id}/earlier")
async def earlier(chat: ChatHere, me: Me, desk: DeskHere) -> dict[str, Any]:
    """The same customer's other conversations; read them under their ids while the chat is yours."""
    await desk.audit.wrote(
        me, "earlier", customer=chat.conversation.customer_id, conversation=chat.id, why=chat.state
    )
    async with desk.sessions() as session:
        return {"conversations": await context.earlier(session, chat)}


@router.get("/chats/{chat_id}/earlier/{earlier_id}/messages")
async def earlier_messages(
    chat: ChatHere, earlier_id: str, me: Me, desk: DeskHere, before: Seq = None
) -> dict[str, Any]:
    """A page of an earlier conversation of the same customer, for whoever has the chat, and for leads."""
    if not (chat.held_by(me) or me.lead) or chat.conversation.customer_id is None:
        raise not_found()
    query = select(Conversation.id).where(
        Conversation.id == earlier_id, Conversation.customer_id == chat.conversation.customer_id
    )
    async with desk.sessions() as session:
        if (await session.execute(query)).first() is None:
            raise not_found()
        await desk.audit.wrote(
            me,
            "earlier_messages",
            customer=chat.conversation.customer_id,
            conversation=earlier_id,
            why=f"from {chat.id}",
        )
        return page_of(
            await read_page(session, earlier_id, before=before, limit=SEEN_LIMIT + 1), SEEN_LIMIT, None
        )


# replies


@router.get("/chats/{chat_id}/suggestion")
async def suggestion(chat: ChatHere, me: Me, desk: DeskHere, language: Language = None) -> dict[str, Any]:
    """A reply that fits the bot's diagnosis, filled in; 404 without one."""
    await desk.audit.wrote(
        me, "suggestion", customer=chat.conversation.customer_id, conversation=chat.id, why=chat.state
    )
    diagnosis = await _diagnosis(desk, chat)
    of = known_language(language) or chat.conversation.language
    reply = await desk.canned.suggestion(of, diagnosis) if diagnosis else None
    if diagnosis is None or reply is None:
        raise not_found()
    text = fill(reply.text, values_for(chat, diagnosis, me, of))
    return {
        "key": reply.key,
        "title": reply.title,
        "text": text,
        "missing": left_open(text),
        "cause": diagnosis.get("cause"),
    }


@router.get("/canned")
async def canned_replies(
    me: Me,
    desk: DeskHere,
    language: Language = None,
    q: Annotated[str, Query(max_length=100)] = "",
    chat: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Canned replies in a language; with a chat, filled in for it."""
    here = await desk.chats.find(me, chat) if chat else None
    of = known_language(language) or (here.conversation.language if here else "zh")
    # What the diagnosis says is filled in only for who has the chat, and so has opened it.
    diagnosis = await _diagnosis(desk, here) if here and here.held_by(me) else None
    values = values_for(here, diagnosis, me, of) if here else None
    return {"canned": [_reply_json(one, values) for one in await desk.canned.search(of, q)]}


@router.put("/canned/{language}/{key}")
async def keep(language: str, key: str, me: Me, desk: DeskHere, body: CannedText) -> dict[str, Any]:
    """Writes a canned reply, new or in place of the one there."""
    _check(language, key)
    try:
        return _reply_json(await desk.canned.keep(me, language, key, body.title, body.text), None)
    except UnknownVariable:
        unknown = sorted(canned.unknown(body.text))
        raise Problem(422, "unknown_variable", variables=unknown, known=list(canned.VARIABLES)) from None


@router.delete("/canned/{language}/{key}", status_code=204)
async def remove(language: str, key: str, me: Me, desk: DeskHere) -> None:
    """Takes a canned reply away."""
    _check(language, key)
    if not await desk.canned.remove(me, language, key):
        raise not_found()


def _check(language: str, key: str) -> None:
    if known_language(language) != language or not KEY.fullmatch(key):
        raise not_found()


async def _diagnosis(desk: DeskParts, chat: Chat) -> dict[str, Any] | None:
    if chat.handoff is None:
        return None
    async with desk.sessions() as session:
        found = await session.execute(select(Handoff.diagnosis).where(Handoff.id == chat.handoff.id))
        return found.scalar_one_or_none()


def _reply_json(reply: Reply, values: dict[str, str] | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "key": reply.key,
        "language": reply.language,
        "title": reply.title,
        "text": reply.text,
    }
    if values is None:
        return shown
    filled = fill(reply.text, values)
    return {**shown, "filled": filled, "missing": left_open(filled)}


# search


@router.get("/search")
async def look_for(
    me: Me,
    desk: DeskHere,
    q: Annotated[str, Query(min_length=2, max_length=100)],
    before: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Conversations by words, number, customer or label, among those that the agent may read."""
    until = search.moment(before)
    async with desk.sessions() as session:
        hits, more = await search.find(session, me, q.strip(), until)
    chats = {chat.id: chat for chat in await desk.chats.by_ids([hit.conversation_id for hit in hits])}
    found = [(hit, chats[hit.conversation_id]) for hit in hits if hit.conversation_id in chats]
    await desk.audit.wrote_many(
        me,
        "search",
        [(chat.conversation.customer_id, chat.id) for _, chat in found],
        why=f"found by {len(q)} characters",
    )
    return {
        "results": [
            {"chat": chat_json(chat, me), "found": hit.by, "snippet": hit.snippet, "seq": hit.seq}
            for hit, chat in found
        ],
        "next": timestamp(hits[-1].at) if more and hits else None,
    }
