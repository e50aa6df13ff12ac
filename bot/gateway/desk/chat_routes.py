"""Chats at the desk: the queue, taking and passing on, reading, answering, notes and labels."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response

from actions.diagnosis.result import Cause
from bot.gateway.attachments import picture_response
from bot.gateway.desk import labels
from bot.gateway.desk.accounts import NoSuch, SignedIn
from bot.gateway.desk.bodies import Labels, Presence, Resolution, Text, Transfer, Why
from bot.gateway.desk.caller import DeskHere, DeskParts, Me, guard
from bot.gateway.desk.canned import left_open
from bot.gateway.desk.chats import Chat, chat_json
from bot.gateway.desk.reading import SEEN_LIMIT, page_of, read_page
from bot.gateway.desk.roles import PREFIX, enough
from bot.gateway.hub import DESK
from bot.gateway.logs import event
from bot.gateway.messages import checked_key, message_json, timestamp
from bot.gateway.problems import Problem, not_found
from bot.handoff import moves, states
from bot.handoff.desk import Outcome
from bot.handoff.moves import Actor, NotThere, Taken
from bot.handoff.record import URGENCIES
from bot.store import HandoffNote, IdempotencyConflict

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)])

Seq = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
Key = Annotated[str | None, Header()]
OUTCOMES = ("solved", "not_solved", "customer_left", "elsewhere")
REASONS = ("asked", "fraud", "diagnosis", "not_understood", "not_solved")


async def chat_of(chat_id: str, me: Me, desk: DeskHere) -> Chat:
    """The chat, if the agent may read it. Raises a 404 problem."""
    return await desk.chats.find(me, chat_id)


ChatHere = Annotated[Chat, Depends(chat_of)]


def actor(me: SignedIn) -> Actor:
    """The agent, as the hand-off's state machine knows them."""
    return moves.agent(me.id, me.agent.name, lead=me.lead)


@asynccontextmanager
async def moving(desk: DeskParts, me: SignedIn, chat: Chat) -> AsyncIterator[None]:
    """Turns what the state machine refuses into problems: 409 for what cannot be now, or is another's."""
    try:
        yield
    except Taken:
        now = (await desk.chats.by_ids([chat.id]))[0].handoff
        agent = {"id": now.agent_id, "name": now.agent_name} if now else None
        raise Problem(409, "taken", agent=agent) from None
    except (NotThere, states.NotPossible, states.NotAllowed):
        raise Problem(409, "wrong_state") from None


# lists


@router.get("/queue")
async def queue(me: Me, desk: DeskHere) -> dict[str, Any]:
    """Who waits, in the order in which they are to be taken."""
    found, total = await desk.chats.queue()
    return {"chats": [chat_json(one, me) for one in found], "total": total}


@router.get("/chats")
async def chats(
    me: Me, desk: DeskHere, view: Literal["mine", "everyones", "done"] = "mine"
) -> dict[str, Any]:
    """What the agent has or had; what all agents have, for leads."""
    if view == "done":
        found = await desk.chats.done(me)
    elif view == "everyones":
        if not enough(me.agent.role, "lead"):
            raise Problem(403, "forbidden")
        found = await desk.chats.held(None)
    else:
        found = await desk.chats.held(me.id)
    return {"chats": [chat_json(one, me) for one in found]}


@router.get("/choices")
async def choices(desk: DeskHere) -> dict[str, Any]:
    """What an agent can choose from when a chat is resolved."""
    return {
        "outcomes": list(OUTCOMES),
        "causes": [cause.value for cause in Cause],
        "intents": list(labels.INTENTS),
        "urgencies": list(URGENCIES),
        "reasons": list(REASONS),
    }


@router.get("/chats/{chat_id}")
async def one(chat: ChatHere, me: Me) -> dict[str, Any]:
    """How a chat stands."""
    return chat_json(chat, me)


# passing on


@router.post("/chats/{chat_id}/take")
async def take(chat_id: str, me: Me, desk: DeskHere) -> dict[str, Any]:
    """The agent takes a waiting chat; of two who try, one gets it, and the other learns who."""
    try:
        chat = await desk.chats.find(me, chat_id)
    except Problem:
        held = await desk.handoffs.current(chat_id)
        if held is None or held.agent_id is None:
            raise
        raise Problem(409, "taken", agent={"id": held.agent_id, "name": held.agent_name}) from None
    async with moving(desk, me, chat):
        await desk.handoffs.here(actor(me))
        await desk.handoffs.take(actor(me), chat.id)
    event(log, "desk.taken", conversation=chat.id, agent=me.id)
    return await _now(chat, me, desk)


@router.post("/chats/{chat_id}/transfer")
async def transfer(chat: ChatHere, me: Me, desk: DeskHere, body: Transfer) -> dict[str, Any]:
    """Gives a chat to a colleague who is at the desk."""
    try:
        to = await desk.accounts.find(body.agent)
    except NoSuch:
        raise Problem(422, "not_available") from None
    if not to.active or to.id not in await desk.chats.present():
        raise Problem(422, "not_available")
    async with moving(desk, me, chat):
        await desk.handoffs.transfer(actor(me), chat.id, moves.agent(to.id, to.name), body.note)
    event(log, "desk.transferred", conversation=chat.id, agent=me.id, to=to.id)
    return await _now(chat, me, desk)


@router.post("/chats/{chat_id}/queue")
async def requeue(chat: ChatHere, me: Me, desk: DeskHere, body: Why | None = None) -> dict[str, Any]:
    """Puts a chat back into the queue, at the place of its waiting time."""
    async with moving(desk, me, chat):
        await desk.handoffs.requeue(actor(me), chat.id, body.note if body else "")
    event(log, "desk.requeued", conversation=chat.id, agent=me.id)
    return await _now(chat, me, desk)


@router.post("/chats/{chat_id}/return")
async def hand_back(chat: ChatHere, me: Me, desk: DeskHere, body: Why | None = None) -> dict[str, Any]:
    """Gives a chat back to the bot."""
    async with moving(desk, me, chat):
        await desk.handoffs.hand_back(actor(me), chat.id, body.note if body else "")
    event(log, "desk.handed_back", conversation=chat.id, agent=me.id)
    return await _now(chat, me, desk)


@router.post("/chats/{chat_id}/resolve")
async def resolve(chat: ChatHere, me: Me, desk: DeskHere, body: Resolution) -> dict[str, Any]:
    """Ends a chat, with what the agent found."""
    if body.true_cause is not None and body.true_cause not in {cause.value for cause in Cause}:
        raise Problem(422, "invalid", errors=[{"at": "body/true_cause", "code": "unknown"}])
    if body.meant_intent is not None and body.meant_intent not in labels.INTENTS:
        raise Problem(422, "invalid", errors=[{"at": "body/meant_intent", "code": "unknown"}])
    outcome = Outcome(
        result=body.outcome,
        diagnosis_right=body.diagnosis_right,
        true_cause=body.true_cause,
        meant_intent=body.meant_intent,
        labels=tuple(chat.labels),
    )
    async with moving(desk, me, chat):
        await desk.handoffs.resolve(actor(me), chat.id, outcome, body.note)
    event(log, "desk.resolved", conversation=chat.id, agent=me.id, outcome=body.outcome)
    return await _now(chat, me, desk)


async def _now(chat: Chat, me: SignedIn, desk: DeskParts) -> dict[str, Any]:
    return chat_json((await desk.chats.by_ids([chat.id]))[0], me)


# reading and writing


@router.get("/chats/{chat_id}/messages")
async def messages(
    chat: ChatHere,
    me: Me,
    desk: DeskHere,
    before: Seq = None,
    after: Seq = None,
    limit: Annotated[int, Query(ge=1, le=SEEN_LIMIT)] = SEEN_LIMIT,
) -> dict[str, Any]:
    """A page of a chat's messages, in order: the newest, or those on one side of a number."""
    await desk.audit.wrote(
        me, "messages", customer=chat.conversation.customer_id, conversation=chat.id, why=chat.state
    )
    async with desk.sessions() as session:
        return page_of(
            await read_page(session, chat.id, before=before, after=after, limit=limit + 1), limit, after
        )


@router.post("/chats/{chat_id}/messages", status_code=201)
async def send(
    chat: ChatHere, me: Me, desk: DeskHere, body: Text, idempotency_key: Key = None
) -> dict[str, Any]:
    """The agent's word to the customer. The same key is the same message."""
    text = body.clean()
    if open_ones := left_open(text):
        raise Problem(422, "unfilled", variables=open_ones)
    try:
        async with moving(desk, me, chat):
            message = await desk.handoffs.say(actor(me), chat.id, text, _key(idempotency_key))
    except IdempotencyConflict:
        raise Problem(409, "key_reused") from None
    event(log, "desk.said", conversation=chat.id, agent=me.id, message=message.id)
    return message_json(message)


@router.post("/chats/{chat_id}/typing", status_code=204)
async def typing(chat: ChatHere, me: Me, desk: DeskHere) -> Response:
    """The agent is writing: the customer sees it for a moment."""
    await desk.handoffs.typing(actor(me), chat.id)
    return Response(status_code=204)


@router.post("/chats/{chat_id}/viewing", status_code=204)
async def viewing(chat: ChatHere, me: Me, desk: DeskHere) -> Response:
    """The chat is on the agent's screen: others who have it on theirs see that."""
    await desk.chats.views(me, chat.id)
    await desk.hub.publish(DESK, chat.id)
    return Response(status_code=204)


@router.delete("/chats/{chat_id}/viewing", status_code=204)
async def viewing_no_more(chat: ChatHere, me: Me, desk: DeskHere) -> Response:
    """The agent has closed the chat."""
    await desk.chats.views_no_more(me, chat.id)
    await desk.hub.publish(DESK, chat.id)
    return Response(status_code=204)


@router.get("/chats/{chat_id}/notes")
async def notes(chat: ChatHere, me: Me, desk: DeskHere) -> dict[str, Any]:
    """What agents wrote to each other about the chat."""
    await desk.audit.wrote(
        me, "notes", customer=chat.conversation.customer_id, conversation=chat.id, why=chat.state
    )
    return {"notes": [_note_json(one) for one in await desk.handoffs.notes(chat.id)]}


@router.post("/chats/{chat_id}/notes", status_code=201)
async def note(
    chat: ChatHere, me: Me, desk: DeskHere, body: Text, idempotency_key: Key = None
) -> dict[str, Any]:
    """A note to colleagues; customers never see it."""
    return _note_json(await desk.handoffs.note(actor(me), chat.id, body.clean(), _key(idempotency_key)))


def _note_json(row: HandoffNote) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "agent": {"name": row.agent_name},
        "created_at": timestamp(row.created_at),
    }


def _key(header: str | None) -> str:
    key = checked_key(header)
    if key is None:
        raise Problem(422, "invalid", errors=[{"at": "Idempotency-Key", "code": "missing"}])
    return key


@router.get("/chats/{chat_id}/history")
async def history(chat: ChatHere, desk: DeskHere) -> dict[str, Any]:
    """Every passing on of the chat, in order."""
    names = {agent.id: agent.name for agent in await desk.accounts.all()}
    return {
        "transitions": [
            {
                "at": timestamp(step.at),
                "event": step.event,
                "from": step.from_state,
                "to": step.to_state,
                "by": {"name": names.get(step.actor_id, "")} if step.actor == states.AGENT else None,
                "who": step.actor,
                "why": step.why or None,
            }
            for step in await desk.handoffs.history(chat.id)
        ]
    }


@router.put("/chats/{chat_id}/labels")
async def label(chat: ChatHere, me: Me, desk: DeskHere, body: Labels) -> dict[str, Any]:
    """Puts these labels on the chat, and takes all others off."""
    async with desk.sessions() as session, session.begin():
        kept = await labels.put(session, chat.id, me.id, body.labels)
    await desk.hub.publish(DESK, chat.id)
    return {"labels": kept}


@router.get("/labels")
async def known_labels(desk: DeskHere) -> dict[str, Any]:
    """The labels in use, the most used first."""
    async with desk.sessions() as session:
        return {"labels": [{"name": name, "count": count} for name, count in await labels.in_use(session)]}


@router.get("/chats/{chat_id}/attachments/{picture_id}", response_class=Response)
async def picture(chat: ChatHere, picture_id: str, me: Me, desk: DeskHere) -> Response:
    """A picture that the customer sent."""
    found = await desk.pictures.find(chat.id, picture_id)
    data = await desk.pictures.data(found) if found else None
    if found is None or data is None:
        raise not_found()
    await desk.audit.wrote(
        me, "picture", customer=chat.conversation.customer_id, conversation=chat.id, why=picture_id
    )
    response = picture_response(found, data)
    response.headers.update({"Cache-Control": "private, max-age=300", "Vary": "Cookie"})
    return response


# colleagues


@router.get("/agents")
async def agents(desk: DeskHere) -> dict[str, Any]:
    """Who works here, and who is at the desk."""
    present = await desk.chats.present()
    return {
        "agents": [
            {
                "id": agent.id,
                "name": agent.name,
                "role": agent.role,
                "available": agent.id in present,
                "chats": present.get(agent.id, 0),
            }
            for agent in await desk.accounts.all(active=True)
        ]
    }


@router.post("/presence", status_code=204)
async def presence(me: Me, desk: DeskHere, body: Presence) -> Response:
    """A sign of life; or the agent leaves, and their chats go to the front of the queue."""
    if body.available:
        await desk.handoffs.here(actor(me))
    else:
        await desk.handoffs.leave(actor(me))
        event(log, "desk.left", agent=me.id)
    return Response(status_code=204)
