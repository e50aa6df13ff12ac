"""Conversations of the customers' API: their list, their messages, what was read, the event stream."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from actions import protocol
from bot.gateway.callers import ConversationHere, PartsHere, SessionHere
from bot.gateway.hub import DESK, MESSAGE
from bot.gateway.identity import known_language
from bot.gateway.logs import event
from bot.gateway.masking import mask
from bot.gateway.messages import (
    ConversationRequest,
    MessageRequest,
    ReadRequest,
    StepsRequest,
    clean,
    conversation_json,
    message_json,
    overview_json,
)
from bot.gateway.parts import Parts
from bot.gateway.problems import Problem, not_found
from bot.gateway.sentences import say
from bot.gateway.stream import event_stream, last_seen
from bot.store import Conversation, IdempotencyConflict, NewMessage, UnknownReply

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/conversations")
Seq = Annotated[int, Query(ge=0, le=2**31 - 1)]


@router.get("")
async def list_conversations(session: SessionHere, parts: PartsHere) -> dict[str, Any]:
    """The caller's newest conversations, at most 20: the same on every device."""
    found = await parts.store.overviews(session.subject)
    status = await parts.desk.statuses([one.conversation.id for one in found])
    return {"conversations": [overview_json(one, status[one.conversation.id]) for one in found]}


@router.post("", status_code=201)
async def open_conversation(
    session: SessionHere, parts: PartsHere, body: ConversationRequest | None = None
) -> dict[str, Any]:
    """A new conversation of the caller."""
    parts.message_limit.check(session.subject)
    language = known_language(body.language if body else None) or session.language
    conversation = await parts.store.create_conversation(
        subject=session.subject,
        customer_id=session.customer_id,
        language=language,
        email=session.email,
        customer_name=session.name or None,
    )
    event(log, "conversation.opened", conversation=conversation.id, signed_in=bool(session.customer_id))
    return conversation_json(conversation)


@router.get("/{conversation_id}")
async def one_conversation(
    conversation: ConversationHere, session: SessionHere, parts: PartsHere
) -> dict[str, Any]:
    """The conversation as the list shows it."""
    found = await parts.store.overviews(session.subject, conversation.id)
    return overview_json(found[0], await parts.desk.status(conversation.id))


@router.post("/{conversation_id}/handoff/cancel", status_code=204)
async def cancel_handoff(conversation: ConversationHere, session: SessionHere, parts: PartsHere) -> Response:
    """The caller would rather go on with the bot than wait for a person."""
    parts.message_limit.check(session.subject)
    await parts.desk.cancel(conversation.id)
    return Response(status_code=204)


@router.post("/{conversation_id}/typing", status_code=204)
async def typing(conversation: ConversationHere, session: SessionHere, parts: PartsHere) -> Response:
    """The caller is writing: the agent who has the conversation sees it for a moment."""
    parts.typing_limit.check(session.subject)
    await parts.desk.customer_typing(conversation.id)
    return Response(status_code=204)


@router.post("/{conversation_id}/read", status_code=204)
async def mark_read(conversation: ConversationHere, parts: PartsHere, body: ReadRequest) -> Response:
    """The caller has seen everything up to `seq`."""
    await parts.store.mark_read(conversation.id, body.seq)
    return Response(status_code=204)


@router.post("/{conversation_id}/messages", status_code=202)
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
    key = body.key(idempotency_key)
    try:
        content = await _content(body, conversation, parts)
        message, new = await parts.store.add_customer_message(conversation.id, content, client_key=key)
    except UnknownReply:
        raise not_found() from None
    except IdempotencyConflict:
        raise Problem(409, "key_reused") from None
    if new:
        event(log, "message.stored", conversation=conversation.id, message=message.id, seq=message.seq)
        await parts.hub.publish(conversation.id, MESSAGE)
        await parts.hub.publish(DESK, conversation.id)  # an agent need not wait until Rasa has read it
    parts.turns.nudge(conversation.id)
    return message_json(message)


async def _content(body: MessageRequest, conversation: Conversation, parts: Parts) -> NewMessage:
    """What a request's one kind of content means. Raises UnknownReply, and a 422 problem."""
    kind = body.kind()
    if kind == "reply":
        return NewMessage(option_id=clean(body.reply or ""))
    if kind == "steps_done" and body.steps_done is not None:
        asked = body.steps_done
        items = await parts.store.tick(conversation.id, clean(asked.message), asked.done, untick=False)
        if items is None or not asked.done:
            raise UnknownReply
        done = sorted(set(asked.done))
        words = " ".join(f"{n + 1}. {items[n]}" for n in done)
        text = say("steps_done", conversation.language, steps=words)
        return NewMessage(text=text, payload=protocol.steps_done(done, len(items)))
    safe = mask(body.words()) if body.text is not None else None
    return NewMessage(
        text=safe.text if safe else "",
        masked=safe.found if safe else False,
        attachments=[clean(one) for one in body.attachments or ()],
    )


@router.get("/{conversation_id}/messages")
async def list_messages(conversation: ConversationHere, parts: PartsHere, after: Seq = 0) -> dict[str, Any]:
    """Up to 500 messages with a `seq` above `after`, in order."""
    messages = await parts.store.messages(conversation.id, after)
    return {"messages": [message_json(m) for m in messages]}


@router.put("/{conversation_id}/messages/{message_id}/steps", status_code=204)
async def tick_steps(
    conversation: ConversationHere, message_id: str, parts: PartsHere, body: StepsRequest
) -> Response:
    """Keeps which fix steps of a message the customer has ticked."""
    if await parts.store.tick(conversation.id, message_id, body.done) is None:
        raise not_found()
    return Response(status_code=204)


@router.get("/{conversation_id}/events", response_class=Response)
async def stream(
    conversation: ConversationHere,
    session: SessionHere,
    parts: PartsHere,
    after: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events: `message` (its `seq` as id), `typing`, `status`; resumes after Last-Event-ID."""
    return event_stream(
        conversation.id,
        session,
        last_seen(last_event_id, after),
        store=parts.store,
        hub=parts.hub,
        desk=parts.desk,
        heartbeat=parts.settings.heartbeat,
    )
