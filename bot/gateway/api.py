"""The HTTP API: sessions, conversations, messages, the event stream."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response

from bot.gateway.hub import MESSAGE
from bot.gateway.identity import Customer, Refused, Session, known_language
from bot.gateway.logs import event
from bot.gateway.masking import mask
from bot.gateway.messages import (
    ConversationRequest,
    MessageRequest,
    SessionRequest,
    conversation_json,
    message_json,
)
from bot.gateway.parts import Parts
from bot.gateway.problems import Problem, not_found, unauthorized
from bot.gateway.sentences import preferred
from bot.gateway.stream import event_stream, last_seen
from bot.store import Conversation, IdempotencyConflict, UnknownReply

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api")


def parts_of(request: Request) -> Parts:
    """The app's collaborators."""
    return request.app.state.parts


def session_of(request: Request, authorization: Annotated[str | None, Header()] = None) -> Session:
    """Who is calling. Raises a 401 problem without a valid access token."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized()
    try:
        return parts_of(request).access.verify(token.strip())
    except Refused:
        raise unauthorized() from None


PartsHere = Annotated[Parts, Depends(parts_of)]
SessionHere = Annotated[Session, Depends(session_of)]


async def conversation_of(conversation_id: str, session: SessionHere, parts: PartsHere) -> Conversation:
    """The caller's conversation. Another's is as little there as one that never was: 404."""
    conversation = await parts.store.conversation(conversation_id, session.subject)
    if conversation is None:
        raise not_found()
    return conversation


ConversationHere = Annotated[Conversation, Depends(conversation_of)]


@router.post("/session")
async def open_session(
    request: Request,
    parts: PartsHere,
    body: SessionRequest | None = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """A session for a wallet customer (by the wallet's token) or for a visitor."""
    body = body or SessionRequest()
    parts.session_limit.check(request.client.host if request.client else "")
    customer = await _who(body, parts)
    language = known_language(body.language) or (customer and customer.language) or preferred(accept_language)
    event(log, "session.opened", signed_in=customer is not None, demo=body.demo_customer is not None)
    return {
        "access_token": parts.access.issue(customer, language),
        "customer": {"id": customer.id, "name": customer.name} if customer else None,
        "language": language,
    }


async def _who(body: SessionRequest, parts: Parts) -> Customer | None:
    if body.token is not None and body.demo_customer is not None:
        raise Problem(422, "invalid", errors=[{"at": "body", "code": "token_or_demo_customer"}])
    if body.token is not None:
        try:
            return await parts.wallet.verify(body.token)
        except Refused:
            raise unauthorized("bad_wallet_token") from None
    if body.demo_customer is not None:
        customer = parts.demo.find(body.demo_customer) if parts.demo else None
        if customer is None:
            raise not_found()
        return customer
    return None


@router.get("/demo/customers")
async def demo_customers(parts: PartsHere) -> list[dict[str, Any]]:
    """The customers one may sign in as in demo mode; 404 outside it."""
    if parts.demo is None:
        raise not_found()
    return parts.demo.all()


@router.post("/conversations", status_code=201)
async def open_conversation(
    session: SessionHere, parts: PartsHere, body: ConversationRequest | None = None
) -> dict[str, Any]:
    """A new conversation of the caller."""
    parts.message_limit.check(session.subject)
    language = known_language(body.language if body else None) or session.language
    conversation = await parts.store.create_conversation(
        subject=session.subject, customer_id=session.customer_id, language=language
    )
    event(log, "conversation.opened", conversation=conversation.id, signed_in=bool(session.customer_id))
    return conversation_json(conversation)


@router.post("/conversations/{conversation_id}/messages", status_code=202)
async def post_message(
    conversation: ConversationHere,
    session: SessionHere,
    parts: PartsHere,
    body: MessageRequest,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Stores what the customer says; the answer comes over the stream.

    The same key with the same content is the same message: repeating a call is safe.
    """
    parts.message_limit.check(session.subject)
    if (body.text is None) == (body.reply is None):
        raise Problem(422, "invalid", errors=[{"at": "body", "code": "text_or_reply"}])
    key = body.key(idempotency_key)
    try:
        if body.reply is not None:
            message, new = await parts.store.add_customer_message(
                conversation.id, client_key=key, option_id=body.reply
            )
        else:
            safe = mask(body.words())
            message, new = await parts.store.add_customer_message(
                conversation.id, client_key=key, text=safe.text, masked=safe.found
            )
    except UnknownReply:
        raise not_found() from None
    except IdempotencyConflict:
        raise Problem(409, "key_reused") from None
    if new:
        event(log, "message.stored", conversation=conversation.id, message=message.id, seq=message.seq)
        await parts.hub.publish(conversation.id, MESSAGE)
    parts.turns.nudge(conversation.id)
    return message_json(message)


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    conversation: ConversationHere, parts: PartsHere, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> dict[str, Any]:
    """Up to 500 messages with a `seq` above `after`, in order."""
    messages = await parts.store.messages(conversation.id, after)
    return {"messages": [message_json(m) for m in messages]}


@router.get("/conversations/{conversation_id}/events", response_class=Response)
async def stream(
    conversation: ConversationHere,
    session: SessionHere,
    parts: PartsHere,
    after: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events: `message` (its `seq` as id) and `typing`; resumes after Last-Event-ID."""
    return event_stream(
        conversation.id,
        session,
        last_seen(last_event_id, after),
        store=parts.store,
        hub=parts.hub,
        heartbeat=parts.settings.heartbeat,
    )


health = APIRouter()


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "ok"}


@health.get("/readyz")
async def readyz(parts: PartsHere) -> JSONResponse:
    """200 when messages can be stored and answered, else a 503 problem that says what is missing."""
    checks = {"store": "ok", "rasa": "ok"}
    try:
        await parts.store.ping()
    except Exception:
        checks["store"] = "unreachable"
    if not await parts.rasa.ready():
        checks["rasa"] = "not ready"
    if set(checks.values()) != {"ok"}:
        raise Problem(503, "not_ready", headers={"Retry-After": "2"}, checks=checks)
    return JSONResponse({"status": "ready", "checks": checks})
