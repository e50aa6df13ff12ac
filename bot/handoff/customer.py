"""The customer's side of a hand-off: asking for a person, waiting, being heard, going back to the bot.

Everything here runs in the caller's transaction, in a conversation that is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime, get_timezone_name
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff import outbox, states, telling
from bot.handoff.cases import CaseRequest, open_case
from bot.handoff.hours import Calendar
from bot.handoff.moves import CUSTOMER, THE_BOT, THE_SYSTEM, Actor, move, open_handoff, record
from bot.handoff.record import Request, create
from bot.handoff.sentences import EN, say
from bot.store.handoff_models import AgentPresence
from bot.store.models import CLOSED, Case, Conversation, Handoff, Message, utcnow

URGENT_INTENT = "unauthorized_transaction"


class Withheld(Exception):
    """The conversation has changed hands meanwhile: what was to be written must not be."""


@dataclass(frozen=True)
class Rules:
    """How hand-offs are run here. `hours` None: at all hours; `adapter` None: our own desk alone."""

    hours: Calendar | None = None
    adapter: str | None = None
    agent_gone: timedelta = timedelta(minutes=2)  # without a sign of life
    customer_away: timedelta = timedelta(minutes=30)  # after an agent's last word
    promise: timedelta = timedelta(hours=2)  # after opening, for what was asked outside hours

    def people_here(self, at: datetime) -> bool:
        """Whether people answer at this moment."""
        return self.hours is None or self.hours.is_open(at)


async def request(
    session: AsyncSession, rules: Rules, conversation: Conversation, wanted: Request
) -> Handoff:
    """A person is needed: the conversation's open hand-off, made or brought up to date.

    It is queued, or, when nobody is there, promised for later, with a case that holds the promise.
    """
    here = rules.people_here(utcnow())
    known = await open_handoff(session, conversation.id)
    handoff = await create(session, conversation, wanted)
    if known is None:
        event = states.REQUEST if here else states.PROMISE
        handoff.status = states.after(states.BOT, event, {states.THE_BOT})
        record(session, handoff, event, states.BOT, handoff.status, THE_BOT, wanted.reason)
        if not here:
            await _promise(session, rules, conversation, handoff)
    elif known.status == states.PROMISED and here:
        await move(session, handoff, states.REQUEST, THE_BOT, wanted.reason, waiting_since=utcnow())
    else:
        return handoff
    await session.flush()
    key = f"{telling.OPENED}:{handoff.id}:{handoff.status}"
    await tell_adapter(session, rules, handoff, telling.OPENED, key)
    return handoff


async def _promise(session: AsyncSession, rules: Rules, conversation: Conversation, handoff: Handoff) -> None:
    now = utcnow()
    handoff.opens_at = rules.hours.next_opening(now) if rules.hours else None
    case = await open_case(
        session,
        conversation,
        CaseRequest(
            about=f"chat:{conversation.id}",
            cause="handoff",
            title=say("case_title", conversation.language),
            promised_by=(handoff.opens_at or now + timedelta(days=1)) + rules.promise,
            summary=handoff.summary,
            diagnosis=handoff.diagnosis,
        ),
    )
    handoff.case_id = case.id if case else None


def promise_in_words(rules: Rules, handoff: Handoff, language: str) -> str:
    """When a person answers what was asked outside hours, with the zone of that time."""
    if handoff.opens_at is None or rules.hours is None:
        return say("promise_without_time", language)
    pattern, locale = ("EEEE d MMMM, HH:mm", "en") if language == EN else ("M月d日 EEEE HH:mm", "zh")
    opens = handoff.opens_at.astimezone(rules.hours.zone)
    zone = get_timezone_name(opens, locale=locale)
    return say("promise", language, opens=format_datetime(opens, pattern, locale=locale), zone=zone)


def to_acknowledge(handoff: Handoff) -> bool:
    """Whether the bot still has its one word to say to someone who writes while they wait."""
    return bool(handoff.status == states.QUEUED and not handoff.acknowledged)


async def heard(
    session: AsyncSession,
    rules: Rules,
    conversation: Conversation,
    message: Message,
    understood: dict[str, Any] | None,
    *,
    acknowledging: bool,
) -> None:
    """The customer wrote while a person has, or is to have, the conversation; the bot only understood it.

    Raises Withheld when that is so no more, or when what is to be acknowledged has changed.
    """
    handoff = await open_handoff(session, conversation.id)
    if handoff is None or handoff.status not in states.SILENT or to_acknowledge(handoff) != acknowledging:
        raise Withheld
    await understand(session, message, understood)
    handoff.acknowledged = handoff.acknowledged or acknowledging
    if (understood or {}).get("intent") == URGENT_INTENT:
        handoff.urgency = "critical"
    await session.flush()
    if handoff.status == states.PARKED:
        await move(session, handoff, states.REOPEN, CUSTOMER)
        if await gone(session, rules, handoff.agent_id):
            await free(session, handoff, THE_SYSTEM, states.AGENT_GONE, front=True)
    key = f"{telling.CUSTOMER_MESSAGE}:{message.id}"
    await tell_adapter(session, rules, handoff, telling.CUSTOMER_MESSAGE, key, message=message.id)


async def understand(session: AsyncSession, message: Message, understood: dict[str, Any] | None) -> None:
    """Keeps what was understood of a message: shown to agents, counted in reports."""
    await session.execute(
        update(Message)
        .where(Message.id == message.id)
        .values(understood=understood)
        .execution_options(synchronize_session=False)
    )


async def speaking(session: AsyncSession, conversation: Conversation) -> None:
    """The bot is about to write its answer. Raises Withheld when a person has the conversation by now."""
    handoff = await open_handoff(session, conversation.id)
    if handoff is not None and handoff.status in states.SILENT:
        raise Withheld
    await session.execute(
        update(Handoff)
        .where(
            Handoff.conversation_id == conversation.id, Handoff.status == CLOSED, Handoff.resumed.is_(False)
        )
        .values(resumed=True)
        .execution_options(synchronize_session=False)
    )


async def begins_anew(session: AsyncSession, conversation_id: str) -> bool:
    """Whether the bot speaks for the first time since a person had the conversation."""
    query = select(Handoff.id).where(
        Handoff.conversation_id == conversation_id, Handoff.status == CLOSED, Handoff.resumed.is_(False)
    )
    return (await session.execute(query.limit(1))).first() is not None


async def cancel(session: AsyncSession, rules: Rules, conversation: Conversation) -> bool:
    """The customer goes back to the bot; False when there was nobody to go back from."""
    handoff = await open_handoff(session, conversation.id)
    if handoff is None:
        return False
    await close(session, rules, handoff, states.CANCEL, CUSTOMER)
    return True


# what both sides do


async def close(
    session: AsyncSession,
    rules: Rules,
    handoff: Handoff,
    event: str,
    actor: Actor,
    why: str = "",
    **values: Any,
) -> None:
    """Ends the hand-off, and the case that promised it."""
    await move(session, handoff, event, actor, why, **values)
    if handoff.case_id:
        case = await session.get(Case, handoff.case_id)
        case.status, case.updated_at = CLOSED, utcnow()
    if not actor.remote:
        await tell_adapter(
            session, rules, handoff, telling.HANDOFF_CLOSED, f"{telling.HANDOFF_CLOSED}:{handoff.id}"
        )


async def free(
    session: AsyncSession, handoff: Handoff, actor: Actor, event: str, why: str = "", *, front: bool = False
) -> None:
    """Takes the conversation from its agent and puts it back into the queue; the waiting time goes on."""
    await move(session, handoff, event, actor, why, agent_id=None, agent_name=None, front=front)


async def gone(session: AsyncSession, rules: Rules, agent_id: str) -> bool:
    """Whether an agent of our own desk has given no sign of life for too long."""
    presence = await session.get(AgentPresence, agent_id)
    return presence is not None and presence.seen_at < utcnow() - rules.agent_gone


async def tell_adapter(
    session: AsyncSession, rules: Rules, handoff: Handoff, action: str, key: str, **about: str
) -> None:
    """Puts a call to the other help desk into the outbox, if there is one."""
    if rules.adapter is not None:
        about = {"handoff": handoff.id, **about}
        await outbox.put(session, rules.adapter, handoff.conversation_id, action, about, key)
