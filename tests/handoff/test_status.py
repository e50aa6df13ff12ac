"""Place in the queue and an honest estimate."""

from __future__ import annotations

import pytest

from bot.handoff.desk import Desk
from bot.store import AgentPresence, Conversation, Handoff, Store
from tests.handoff.people import ANNA, BEN, ago, ask, change, newcomer


@pytest.fixture
def store_of_its_own(store: Store, request: pytest.FixtureRequest) -> Store:
    if "postgres" in request.node.callspec.id:
        pytest.skip("counts all there is, and others are in this database")
    return store


async def taken_every(minutes: int, desk: Desk, store: Store, count: int = 6) -> None:
    for n in range(count):
        conversation = await newcomer(store)
        await ask(desk, store, conversation)
        await desk.take(ANNA, conversation.id)
        step = (await desk.history(conversation.id))[-1]
        await change(store, step, at=ago(minutes=minutes * (count - n)))


async def test_places_follow_the_queue(desk: Desk, store_of_its_own: Store) -> None:
    waiting = [await newcomer(store_of_its_own) for _ in range(200)]
    for conversation in waiting:
        await ask(desk, store_of_its_own, conversation)
    status = await desk.statuses([c.id for c in waiting])
    assert [status[c.id]["position"] for c in waiting] == list(range(1, 201))
    await desk.cancel(waiting[0].id)
    assert (await desk.status(waiting[199].id))["position"] == 199
    assert await desk.status(waiting[0].id) == {"mode": "bot"}


async def test_without_enough_data_the_wait_is_not_known(
    desk: Desk, store_of_its_own: Store, alice: Conversation
) -> None:
    await taken_every(4, desk, store_of_its_own, count=4)
    await desk.here(ANNA)
    await ask(desk, store_of_its_own, alice)
    assert (await desk.status(alice.id))["wait_minutes"] is None


async def test_the_wait_is_the_usual_pause_times_the_place(
    desk: Desk, store_of_its_own: Store, alice: Conversation, bob: Conversation
) -> None:
    await taken_every(4, desk, store_of_its_own)
    await ask(desk, store_of_its_own, alice)
    await ask(desk, store_of_its_own, bob)
    assert (await desk.status(alice.id))["wait_minutes"] is None  # nobody is here
    await desk.here(ANNA)
    status = await desk.status(bob.id)
    assert (status["position"], status["wait_minutes"]) == (2, pytest.approx(8, abs=1))
    await desk.here(BEN)
    assert (await desk.status(bob.id))["wait_minutes"] == pytest.approx(4, abs=1)
    await change(store_of_its_own, AgentPresence(agent_id=BEN.id, name="Ben", seen_at=ago(minutes=5)))
    assert (await desk.status(bob.id))["wait_minutes"] == pytest.approx(8, abs=1)


async def test_who_has_it_is_named(desk: Desk, store: Store, alice: Conversation) -> None:
    handoff: Handoff = await ask(desk, store, alice)
    await desk.take(ANNA, alice.id)
    expected = {"mode": "assigned", "reference": handoff.reference, "agent": {"name": "Anna"}}
    assert await desk.status(alice.id) == expected
    await desk.park(ANNA, alice.id)
    assert await desk.status(alice.id) == {**expected, "mode": "parked"}
