"""Any order of what customers, agents and accidents do, over the real store: the promises hold after each."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from actions.protocol import Turn
from bot.gateway.hub import InProcessHub
from bot.gateway.rasa import Said
from bot.gateway.turns import BACK_TO_BOT, BEGIN_ANEW, Turns
from bot.handoff import states
from bot.handoff.customer import Rules
from bot.handoff.desk import Desk, Outcome
from bot.handoff.moves import Actor, NotThere, Taken
from bot.handoff.states import BOT
from bot.store import AgentPresence, Conversation, NewMessage, Store
from bot.store.engine import open_engine
from bot.store.models import AGENT, ANSWERED, CUSTOMER
from bot.store.models import BOT as BY_BOT
from tests.gateway.helpers import settings as gateway_settings
from tests.handoff.people import AGENTS, ago, change

HUMAN = {"kind": "handoff_request", "reason": "asked", "urgency": "medium", "summary": "", "diagnosis": None}
REFUSALS = (NotThere, Taken, states.NotAllowed, states.NotPossible)


class FakeRasa:
    """Repeats what it hears, and brings in a person when asked to."""

    def __init__(self) -> None:
        self.restarts = 0

    async def say(self, turn: Turn) -> Said:
        if turn.payload == BEGIN_ANEW:
            self.restarts += 1
            return Said([])
        return Said([{"text": f"heard: {turn.text}", **({"custom": HUMAN} if turn.text == "human" else {})}])

    async def understand(self, text: str) -> dict[str, Any] | None:
        return {"intent": "thanks", "confidence": 1.0, "entities": []}

    async def ready(self) -> bool:
        return True


class Expected:
    """What a conversation must look like."""

    def __init__(self) -> None:
        self.state, self.owner = BOT, None
        self.acknowledged = False
        self.by_customer = self.by_bot = self.by_agents = self.restarts = 0
        self.anew = False

    def closed(self) -> None:
        self.state, self.owner, self.acknowledged, self.anew = BOT, None, False, True


class Machine(RuleBasedStateMachine):
    """Two conversations, three agents, one of them a lead."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.db = shutil.copy(self.template, self.folder / "support.db")
        self.rasa, self.said = FakeRasa(), 0
        self.begin()
        self.conversations: list[Conversation] = [
            self.run(self.store.create_conversation(subject=f"customer:{n}", customer_id=n, language="en"))
            for n in ("alice", "bob")
        ]
        self.expected = [Expected(), Expected()]

    def begin(self) -> None:
        self.store = Store(open_engine(f"sqlite+aiosqlite:///{self.db}"))
        hub = InProcessHub()
        self.desk = Desk(self.store.engine, hub, Rules())
        config = gateway_settings(self.folder / "support.db", "http://127.0.0.1:1")
        self.turns = Turns(self.store, self.rasa, hub, self.desk, config)

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.store.close())
            self.loop.close()
            shutil.rmtree(self.folder)

    def attempt(self, work: Awaitable[Any], possible: bool) -> bool:
        """Whether it was done, which must be just when the table allows it."""
        try:
            self.run(work)
        except REFUSALS:
            assert not possible
            return False
        assert possible
        return True

    def may(self, which: int, agent: Actor, event: str) -> bool:
        step = states.TABLE.get((self.expected[which].state, event))
        roles = {states.AGENT} | ({states.LEAD} if agent.lead else set())
        roles |= {states.OWNER} if self.expected[which].owner == agent.id else set()
        return step is not None and not step.by.isdisjoint(roles)

    one = st.integers(0, 1)
    agents = st.sampled_from(AGENTS)

    @rule(which=one, text=st.sampled_from(["hello", "human", "back"]), restart=st.booleans())
    def customer_writes(self, which: int, text: str, restart: bool) -> None:
        expected = self.expected[which]
        new = NewMessage(text=text, payload=BACK_TO_BOT if text == "back" else None)
        self.run(self.store.add_customer_message(self.conversations[which].id, new, client_key=None))
        if restart:  # between storing and answering
            self.run(self.store.close())
            self.begin()
        self.run(self._answered(which))
        expected.by_customer += 1
        if text == "back":
            expected.by_bot += 1
            if expected.state != BOT:
                expected.closed()
        elif expected.state == BOT:
            expected.by_bot += 1
            expected.restarts += expected.anew
            expected.anew = False
            if text == "human":
                expected.state = states.QUEUED
        elif expected.state == states.QUEUED and not expected.acknowledged:
            expected.by_bot += 1
            expected.acknowledged = True
        elif expected.state == states.PARKED:
            expected.state = states.ASSIGNED

    async def _answered(self, which: int) -> None:
        self.turns.nudge(self.conversations[which].id)
        while await self.store.unanswered():
            await asyncio.sleep(0.001)

    @rule(which=one, agent=agents)
    def take(self, which: int, agent: Actor) -> None:
        expected = self.expected[which]
        held = expected.state in (states.ASSIGNED, states.PARKED)
        possible = expected.owner == agent.id if held else self.may(which, agent, states.TAKE)
        if self.attempt(self.desk.take(agent, self.conversations[which].id), possible) and not held:
            expected.state, expected.owner = states.ASSIGNED, agent.id

    @rule(which=one, agent=agents, to=agents)
    def transfer(self, which: int, agent: Actor, to: Actor) -> None:
        work = self.desk.transfer(agent, self.conversations[which].id, to)
        if self.attempt(work, self.may(which, agent, states.TRANSFER)):
            self.expected[which].owner = to.id

    @rule(which=one, agent=agents)
    def requeue(self, which: int, agent: Actor) -> None:
        work = self.desk.requeue(agent, self.conversations[which].id)
        if self.attempt(work, self.may(which, agent, states.REQUEUE)):
            self.expected[which].state, self.expected[which].owner = states.QUEUED, None

    @rule(which=one, agent=agents)
    def park(self, which: int, agent: Actor) -> None:
        work = self.desk.park(agent, self.conversations[which].id)
        if self.attempt(work, self.may(which, agent, states.PARK)):
            self.expected[which].state = states.PARKED

    @rule(which=one, agent=agents)
    def reopen(self, which: int, agent: Actor) -> None:
        work = self.desk.reopen(agent, self.conversations[which].id)
        if self.attempt(work, self.may(which, agent, states.REOPEN)):
            self.expected[which].state = states.ASSIGNED

    @rule(which=one, agent=agents, resolve=st.booleans())
    def finish(self, which: int, agent: Actor, resolve: bool) -> None:
        conversation_id = self.conversations[which].id
        event = states.RESOLVE if resolve else states.HAND_BACK
        work = (
            self.desk.resolve(agent, conversation_id, Outcome())
            if resolve
            else self.desk.hand_back(agent, conversation_id, "")
        )
        if self.attempt(work, self.may(which, agent, event)):
            self.expected[which].closed()

    @rule(which=one)
    def cancel(self, which: int) -> None:
        self.run(self.desk.cancel(self.conversations[which].id))
        if self.expected[which].state != BOT:
            self.expected[which].closed()

    @rule(agent=agents)
    def agent_goes(self, agent: Actor) -> None:
        gone = AgentPresence(agent_id=agent.id, name=agent.name, seen_at=ago(hours=1))
        self.run(change(self.store, gone))
        self.run(self.desk.sweep())
        for expected in self.expected:
            if expected.state == states.ASSIGNED and expected.owner == agent.id:
                expected.state, expected.owner = states.QUEUED, None
        self.run(self.desk.leave(agent))  # nothing is left to free; the presence is forgotten

    @rule(which=one, agent=agents, times=st.integers(1, 3))
    def agent_says(self, which: int, agent: Actor, times: int) -> None:
        expected = self.expected[which]
        possible = expected.state in (states.ASSIGNED, states.PARKED) and expected.owner == agent.id
        self.said += 1
        for _ in range(times):
            self.attempt(self.desk.say(agent, self.conversations[which].id, "hi", str(self.said)), possible)
        expected.by_agents += possible

    @invariant()
    def promises_hold(self) -> None:
        for conversation, expected in zip(
            getattr(self, "conversations", ()), self.expected_ones(), strict=True
        ):
            self.run(self._holds(conversation, expected))
        if hasattr(self, "rasa"):
            assert self.rasa.restarts == sum(e.restarts for e in self.expected)

    def expected_ones(self) -> list[Expected]:
        return getattr(self, "expected", [])

    async def _holds(self, conversation: Conversation, expected: Expected) -> None:
        handoff = await self.desk.current(conversation.id)
        assert (handoff.status if handoff else BOT) == expected.state
        assert (handoff.agent_id if handoff else None) == expected.owner
        messages = await self.store.messages(conversation.id)
        assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
        count = {author: sum(m.author == author for m in messages) for author in (CUSTOMER, BY_BOT, AGENT)}
        assert count == {
            CUSTOMER: expected.by_customer,
            BY_BOT: expected.by_bot,
            AGENT: expected.by_agents,
        }
        assert all(m.state == ANSWERED for m in messages)
        state = BOT
        for step in await self.desk.history(conversation.id):
            assert step.from_state == state
            state = states.TABLE[(state, step.event)].to
            assert step.to_state == state
        assert state == expected.state


def test_in_any_order_nothing_is_lost_or_doubled(migrated: Path) -> None:
    Machine.template = migrated
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
