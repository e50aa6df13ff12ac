"""The end of a conversation: the customer closes it, rates it, and takes its words along."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from bot.gateway.callers import ConversationHere, PartsHere, SessionHere
from bot.gateway.hub import MESSAGE
from bot.gateway.logs import event
from bot.gateway.masking import mask
from bot.gateway.messages import RatingRequest, clean
from bot.gateway.problems import Problem
from bot.gateway.sentences import say
from bot.gateway.transcript import known_zone, transcript
from bot.store.models import utcnow

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/conversations/{conversation_id}")
LONGEST = 10_000  # messages of a transcript


@router.post("/end", status_code=204)
async def end(conversation: ConversationHere, session: SessionHere, parts: PartsHere) -> Response:
    """The customer is done for now: says goodbye and asks how it was. A later message simply goes on."""
    parts.message_limit.check(session.subject)
    newest = await parts.store.newest(conversation.id)
    if newest is not None and not any(block.get("type") == "rating" for block in newest.blocks):
        text = say("ended", conversation.language)
        await parts.store.say_as_system(conversation.id, text, [{"type": "rating"}])
        await parts.hub.publish(conversation.id, MESSAGE)
    event(log, "conversation.ended", conversation=conversation.id)
    return Response(status_code=204)


@router.post("/rating", status_code=201)
async def rate(
    conversation: ConversationHere, session: SessionHere, parts: PartsHere, body: RatingRequest
) -> dict[str, int]:
    """How the customer found the conversation; rating again replaces it."""
    parts.message_limit.check(session.subject)
    await parts.store.rate(conversation.id, body.score, mask(clean(body.words)).text)
    event(log, "conversation.rated", conversation=conversation.id, score=body.score)
    return {"score": body.score}


@router.get("/transcript", response_class=Response)
async def take_along(
    conversation: ConversationHere,
    session: SessionHere,
    parts: PartsHere,
    zone: Annotated[str, Query(max_length=64)] = "UTC",
) -> Response:
    """The conversation as plain text (its newest 10,000 messages), its times in `zone` (an IANA name)."""
    parts.message_limit.check(session.subject)
    local = known_zone(zone)
    if local is None:
        raise Problem(422, "invalid", errors=[{"at": "query/zone", "code": "unknown_zone"}])
    messages, after = [], max(0, conversation.last_seq - LONGEST)
    while page := await parts.store.messages(conversation.id, after):
        messages += page
        after = page[-1].seq
    words = transcript(messages, conversation.language, local)
    name = f"imwallet-support-{utcnow().astimezone(local):%Y-%m-%d}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(words, media_type="text/plain; charset=utf-8", headers=headers)
