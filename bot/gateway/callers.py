"""Who calls, and whose conversation it is: what every route of the customers' API depends on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from bot.gateway.identity import Refused, Session
from bot.gateway.parts import Parts
from bot.gateway.problems import not_found, unauthorized
from bot.store import Conversation


def parts_of(request: Request) -> Parts:
    """The app's collaborators."""
    return request.app.state.parts


PartsHere = Annotated[Parts, Depends(parts_of)]


async def session_of(parts: PartsHere, authorization: Annotated[str | None, Header()] = None) -> Session:
    """Who is calling. Raises a 401 problem without a valid access token of a session that goes on."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized()
    try:
        session = parts.access.verify(token.strip())
    except Refused:
        raise unauthorized() from None
    if await parts.store.session_ended(session.id):
        raise unauthorized()
    return session


SessionHere = Annotated[Session, Depends(session_of)]


async def conversation_of(conversation_id: str, session: SessionHere, parts: PartsHere) -> Conversation:
    """The caller's conversation. Another's is as little there as one that never was: 404."""
    conversation = await parts.store.conversation(conversation_id, session.subject)
    if conversation is None:
        raise not_found()
    return conversation


ConversationHere = Annotated[Conversation, Depends(conversation_of)]


def address_of(request: Request) -> str:
    """The caller's network address, to count by."""
    return request.client.host if request.client else ""
