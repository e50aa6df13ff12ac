"""Calls outside: at least once, in order, later when they fail; and what another help desk is told."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.gateway.hub import InProcessHub
from bot.handoff import outbox
from bot.handoff.adapters import Told
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk, Outcome
from bot.handoff.moves import agent
from bot.handoff.outbox import Hopeless, Outbox
from bot.handoff.telling import Telling
from bot.store import Conversation, OutboxEntry, Store
from tests.handoff.people import ago, ask, change, closed_until
from tests.handoff.test_desk import write


class Recorder:
    """A help desk that remembers what it was told, and refuses when told to."""

    name = "recorder"

    def __init__(self) -> None:
        self.told: list[tuple[str, str | None]] = []
        self.error: Exception | None = None

    async def _hear(self, what: str, told: Told) -> None:
        if self.error:
            raise self.error
        how = told.handoff.closed_by if what == "closed" else None
        self.told.append((what, told.message.text if told.message else how))

    async def opened(self, told: Told) -> None:
        await self._hear("opened", told)
        await told.keep({"id": 7})

    async def customer_message(self, told: Told) -> None:
        assert told.remote == {"id": 7}
        await self._hear("message", told)

    async def closed(self, told: Told) -> None:
        await self._hear("closed", told)

    async def close(self) -> None: ...


async def entries(store: Store, conversation: Conversation) -> list[OutboxEntry]:
    query = select(OutboxEntry).where(OutboxEntry.conversation_id == conversation.id)
    async with AsyncSession(store.engine, future=True) as session:
        return list((await session.execute(query.order_by(OutboxEntry.id))).scalars())


def with_recorder(store: Store) -> tuple[Desk, Recorder, Outbox]:
    recorder = Recorder()
    desk = Desk(store.engine, InProcessHub(), Rules(adapter=recorder.name))
    return desk, recorder, Outbox(store.engine, {recorder.name: Telling(store.engine, recorder)})


async def deliver_all(box: Outbox) -> None:
    while await box.deliver():
        pass


async def test_another_desk_is_told_everything_in_order(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    there = agent("recorder:1", "Rae", remote=True)
    await ask(desk, store, alice)
    await desk.take(there, alice.id)
    await write(desk, store, alice, "one")
    await write(desk, store, alice, "two")
    await desk.cancel(alice.id)
    await deliver_all(box)
    await deliver_all(box)
    assert recorder.told == [("opened", None), ("message", "one"), ("message", "two"), ("closed", "cancel")]


async def test_what_the_other_desk_did_it_is_not_told(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    there = agent("recorder:1", "Rae", remote=True)
    await ask(desk, store, alice)
    await desk.take(there, alice.id)
    await desk.say(there, alice.id, "hello", "1")
    await desk.resolve(there, alice.id, Outcome())
    await deliver_all(box)
    assert recorder.told == [("opened", None)]


async def test_our_own_desk_needs_no_calls(desk: Desk, store: Store, alice: Conversation) -> None:
    await ask(desk, store, alice)
    await desk.cancel(alice.id)
    assert await entries(store, alice) == []


async def test_a_promise_that_becomes_urgent_is_told_again(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    closed = Rules(hours=closed_until(ago() - ago(days=2)), adapter=recorder.name)
    await ask(Desk(store.engine, InProcessHub(), closed), store, alice)
    await ask(desk, store, alice)
    await deliver_all(box)
    assert recorder.told == [("opened", None)] * 2


async def test_a_failed_call_waits_and_holds_up_those_behind_it(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    recorder.error = RuntimeError("down")
    await ask(desk, store, alice)
    await desk.cancel(alice.id)
    await deliver_all(box)
    opened, closed = await entries(store, alice)
    assert (opened.attempts, opened.done_at, closed.attempts) == (1, None, 0)
    assert opened.due_at > ago()
    recorder.error = None
    await deliver_all(box)
    assert recorder.told == []  # not yet
    await change(store, opened, due_at=ago(seconds=1))
    await deliver_all(box)
    assert [what for what, _ in recorder.told] == ["opened", "closed"]


async def test_what_can_never_succeed_is_given_up(store: Store, alice: Conversation, caplog) -> None:
    desk, recorder, box = with_recorder(store)
    recorder.error = Hopeless("refused")
    await ask(desk, store, alice)
    await deliver_all(box)
    [entry] = await entries(store, alice)
    assert (entry.failed, entry.attempts) == ("refused", 1)
    assert "outbox.given_up" in caplog.text


async def test_what_fails_for_ever_is_given_up_at_last(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    recorder.error = RuntimeError("down")
    await ask(desk, store, alice)
    for _ in range(outbox.MOST_ATTEMPTS):
        [entry] = await entries(store, alice)
        await change(store, entry, due_at=ago(seconds=1))
        await box.deliver()
    [entry] = await entries(store, alice)
    assert (entry.failed, entry.attempts) == ("RuntimeError", outbox.MOST_ATTEMPTS)


async def test_a_call_that_another_process_makes_is_left_alone(store: Store, alice: Conversation) -> None:
    desk, recorder, box = with_recorder(store)
    await ask(desk, store, alice)
    [entry] = await entries(store, alice)
    await change(store, entry, due_at=ago() + outbox.CLAIM)
    await deliver_all(box)
    assert recorder.told == []
    await change(store, entry, due_at=ago(seconds=1))  # it died: its claim has run out
    await deliver_all(box)
    assert recorder.told == [("opened", None)]
