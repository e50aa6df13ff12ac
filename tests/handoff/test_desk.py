"""What agents do with conversations, and what happens by itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.hub import AGENT_TYPING, DESK, STATUS, InProcessHub
from bot.handoff import cases_of, customer, states
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk, Outcome
from bot.handoff.moves import NotThere, Taken
from bot.store import AgentPresence, Conversation, IdempotencyConflict, NewMessage, Store
from tests.handoff.people import AGENTS, ANNA, BEN, LEE, ago, ask, change, closed_until, newcomer


async def texts(store: Store, conversation: Conversation) -> list[str]:
    return [message.text for message in await store.messages(conversation.id)]


async def write(desk: Desk, store: Store, conversation: Conversation, text: str) -> None:
    """The customer writes while a person has the conversation."""
    message, _ = await store.add_customer_message(conversation.id, NewMessage(text=text), client_key=None)

    async def heard(session: AsyncSession, locked: Conversation) -> None:
        understood = {"intent": "unauthorized_transaction" if "not me" in text else "thanks"}
        await customer.heard(session, desk.rules, locked, message, understood, acknowledging=False)

    await store.hear(message, heard)


async def test_of_many_agents_at_once_one_gets_the_conversation(
    desk: Desk, store: Store, alice: Conversation
) -> None:
    await ask(desk, store, alice)
    taken = await asyncio.gather(*(desk.take(a, alice.id) for a in AGENTS * 3), return_exceptions=True)
    winner = (await desk.current(alice.id)).agent_id
    assert sum(isinstance(one, Taken) for one in taken) == 6
    assert {one.agent_id for one in taken if not isinstance(one, Exception)} == {winner}
    assert [step.event for step in await desk.history(alice.id)] == [states.REQUEST, states.TAKE]
    assert len(await texts(store, alice)) == 1  # "… has joined", once


async def test_the_history_says_who_when_and_why(desk: Desk, store: Store, alice: Conversation) -> None:
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    await desk.transfer(ANNA, alice.id, BEN, "speaks Cantonese")
    await desk.requeue(BEN, alice.id, "end of shift")
    await desk.take(LEE, alice.id)
    await desk.hand_back(LEE, alice.id, "only wanted the opening hours")
    steps = await desk.history(alice.id)
    assert [(s.event, s.from_state, s.to_state, s.actor_id, s.agent_id, s.why) for s in steps] == [
        ("request", "bot", "queued", None, None, "asked"),
        ("take", "queued", "assigned", "agent_anna", "agent_anna", ""),
        ("transfer", "assigned", "assigned", "agent_anna", "agent_ben", "speaks Cantonese"),
        ("requeue", "assigned", "queued", "agent_ben", None, "end of shift"),
        ("take", "queued", "assigned", "agent_lee", "agent_lee", ""),
        ("hand_back", "assigned", "bot", "agent_lee", None, "only wanted the opening hours"),
    ]
    assert [s.at for s in steps] == sorted(s.at for s in steps)


async def test_critical_first_then_whose_agent_left_then_by_waiting_time(desk: Desk, store: Store) -> None:
    plain, left, fraud, late = [await newcomer(store) for _ in range(4)]
    for conversation, urgency in ((plain, "medium"), (left, "low"), (fraud, "critical"), (late, "high")):
        await ask(desk, store, conversation, urgency)
    assert [
        h.conversation_id for h in await desk.queue() if h.conversation_id in {plain.id, left.id, late.id}
    ]
    await desk.take(ANNA, left.id)
    await desk.leave(ANNA)
    ours = {c.id for c in (plain, left, fraud, late)}
    assert [h.conversation_id for h in await desk.queue() if h.conversation_id in ours] == [
        fraud.id,
        left.id,
        plain.id,
        late.id,
    ]


async def test_an_agent_without_a_sign_of_life_loses_the_conversation_to_the_front(
    desk: Desk, store: Store, alice: Conversation
) -> None:
    await desk.here(ANNA)
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    await desk.sweep()
    assert (await desk.current(alice.id)).status == states.ASSIGNED
    await change(store, AgentPresence(agent_id=ANNA.id, name="Anna", seen_at=ago(minutes=3)))
    await asyncio.gather(desk.sweep(), desk.sweep())  # two processes: it happens once
    handoff = await desk.current(alice.id)
    assert (handoff.status, handoff.front, handoff.agent_id) == (states.QUEUED, True, None)
    assert [s.event for s in await desk.history(alice.id)] == ["request", "take", "agent_gone"]
    assert "Anna" in (await texts(store, alice))[-1]


async def test_a_customer_who_is_away_is_parked_and_comes_back_by_writing(
    store: Store, alice: Conversation
) -> None:
    desk = Desk(store.engine, InProcessHub(), Rules(customer_away=timedelta(minutes=5)))
    await desk.here(ANNA)
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    message = await desk.say(ANNA, alice.id, "Is it the blue card?", "k1")
    await desk.sweep()
    assert (await desk.current(alice.id)).status == states.ASSIGNED
    await change(store, message, created_at=ago(minutes=6))
    await desk.sweep()
    assert (await desk.current(alice.id)).status == states.PARKED
    await write(desk, store, alice, "yes, the blue one")
    handoff = await desk.current(alice.id)
    assert (handoff.status, handoff.agent_id) == (states.ASSIGNED, ANNA.id)


async def test_a_parked_customer_whose_agent_has_left_comes_back_to_the_front(
    desk: Desk, store: Store, alice: Conversation
) -> None:
    await desk.here(ANNA)
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    await desk.park(ANNA, alice.id)
    await change(store, AgentPresence(agent_id=ANNA.id, name="Anna", seen_at=ago(minutes=3)))
    await write(desk, store, alice, "hello?")
    handoff = await desk.current(alice.id)
    assert (handoff.status, handoff.front) == (states.QUEUED, True)
    assert [s.event for s in await desk.history(alice.id)][-2:] == ["reopen", "agent_gone"]


async def test_the_same_key_is_the_same_message(desk: Desk, store: Store, alice: Conversation) -> None:
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    said = await asyncio.gather(*(desk.say(ANNA, alice.id, "one moment", "k1") for _ in range(4)))
    assert len({message.id for message in said}) == 1
    assert (await texts(store, alice)).count("one moment") == 1
    with pytest.raises(IdempotencyConflict):
        await desk.say(ANNA, alice.id, "another", "k1")
    assert (await desk.current(alice.id)).replied_at is not None


async def test_agents_paste_no_card_numbers_either(desk: Desk, store: Store, alice: Conversation) -> None:
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    message = await desk.say(ANNA, alice.id, "Is it 4111 1111 1111 1111?", "k")
    note = await desk.note(BEN, alice.id, "card 4111 1111 1111 1111", "k")
    assert "4111 1111" not in message.text + note.text
    assert [n.text for n in await desk.notes(alice.id)] == ["card **** 1111"]
    assert note.text not in await texts(store, alice)


async def test_only_its_agent_speaks(desk: Desk, store: Store, alice: Conversation) -> None:
    with pytest.raises(NotThere):
        await desk.say(ANNA, alice.id, "hi", "k")
    await ask(desk, store, alice)
    with pytest.raises(states.NotAllowed):
        await desk.say(ANNA, alice.id, "hi", "k")
    await desk.take(ANNA, alice.id)
    for other in (BEN, LEE):
        with pytest.raises(states.NotAllowed):
            await desk.say(other, alice.id, "hi", "k")
    with pytest.raises(states.NotAllowed):
        await desk.resolve(BEN, alice.id, Outcome())
    with pytest.raises(NotThere):
        await desk.take(ANNA, "conv_made_up")


async def test_the_outcome_is_kept_and_the_customer_is_asked(
    desk: Desk, store: Store, alice: Conversation
) -> None:
    await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    outcome = Outcome(
        diagnosis_right=False,
        true_cause="expired_card",
        meant_intent="payment_failed",
        labels=("card", "vip"),
    )
    handoff = await desk.resolve(ANNA, alice.id, outcome)
    assert (handoff.outcome["diagnosis_right"], handoff.outcome["true_cause"]) == (False, "expired_card")
    assert (handoff.outcome["meant_intent"], handoff.outcome["labels"]) == ("payment_failed", ["card", "vip"])
    assert (handoff.status, handoff.closed_by) == ("closed", "resolve")
    newest = (await store.messages(alice.id))[-1]
    assert {"type": "rating"} in newest.blocks
    assert await desk.current(alice.id) is None
    assert await desk.begins_anew(alice.id)


async def test_fraud_said_while_waiting_moves_one_to_the_front(desk: Desk, store: Store) -> None:
    first, second = await newcomer(store), await newcomer(store)
    for conversation in (first, second):
        handoff = await ask(desk, store, conversation)
        await change(store, handoff, acknowledged=True)
    await write(desk, store, second, "this payment was not me")
    order = [h.conversation_id for h in await desk.queue()]
    assert order.index(second.id) < order.index(first.id)


async def test_outside_hours_there_is_a_promise_and_the_bot_goes_on(
    store: Store, alice: Conversation
) -> None:
    hours = closed_until(timedelta(days=2))
    desk = Desk(store.engine, InProcessHub(), Rules(hours=hours))
    handoff = await ask(desk, store, alice)
    assert (handoff.status, handoff.opens_at) == (states.PROMISED, hours.next_opening(ago()))
    assert handoff.status not in states.SILENT
    async with AsyncSession(store.engine, future=True) as session:
        [case] = await cases_of(session, "alice")
    assert case.promised_by == handoff.opens_at + timedelta(hours=2)
    assert (await desk.status(alice.id))["mode"] == "closed_hours"
    words = customer.promise_in_words(desk.rules, handoff, "en")
    assert hours.opens.strftime("%H:%M") in words and "Coordinated Universal Time" in words
    assert hours.opens.strftime("%H:%M") in customer.promise_in_words(desk.rules, handoff, "zh")
    # The agent answers later, in the same chat, and the promise is kept.
    await desk.take(ANNA, alice.id)
    await desk.say(ANNA, alice.id, "Good morning", "k")
    await desk.resolve(ANNA, alice.id, Outcome())
    async with AsyncSession(store.engine, future=True) as session:
        assert [c.status for c in await cases_of(session, "alice")] == ["closed"]


async def test_what_was_promised_is_queued_when_asked_for_again_in_hours(
    desk: Desk, store: Store, alice: Conversation
) -> None:
    closed = Desk(store.engine, InProcessHub(), Rules(hours=closed_until(timedelta(days=2))))
    first = await ask(closed, store, alice)
    again = await ask(desk, store, alice)
    assert (again.id, again.status) == (first.id, states.QUEUED)
    assert [s.event for s in await desk.history(alice.id)] == ["promise", "request"]


async def test_who_listens_is_told(store: Store, alice: Conversation) -> None:
    hub = InProcessHub()
    desk = Desk(store.engine, hub, Rules())
    await ask(desk, store, alice)
    async with hub.subscribe(DESK) as desks, hub.subscribe(alice.id) as page:
        await desk.typing(BEN, alice.id)
        assert page.empty()
        await desk.take(BEN, alice.id)
        assert desks.get_nowait() == alice.id
        assert STATUS in {page.get_nowait(), page.get_nowait()}
        await desk.typing(BEN, alice.id)
        assert page.get_nowait() == AGENT_TYPING


async def test_cancelling_twice_cancels_once(desk: Desk, store: Store, alice: Conversation) -> None:
    await ask(desk, store, alice)
    await desk.cancel(alice.id)
    await desk.cancel(alice.id)
    assert [s.event for s in await desk.history(alice.id)] == ["request", "cancel"]
    assert len(await texts(store, alice)) == 1
