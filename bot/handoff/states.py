"""The hand-off's state machine: who has the conversation, what may happen then, and who may do it.

Pure: the table is all there is. `bot.handoff.moves` carries it out on the support database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# States: who has the conversation.
BOT = "bot"  # no open hand-off
QUEUED = "queued"  # the customer waits for a person
PROMISED = "promised"  # asked for outside hours: the bot goes on, a person answers later
ASSIGNED = "assigned"  # an agent has it
PARKED = "parked"  # an agent has it, the customer is away
STATES = (BOT, QUEUED, PROMISED, ASSIGNED, PARKED)
SILENT = frozenset({QUEUED, ASSIGNED, PARKED})  # the bot listens, and does not answer

# Events: what happens to it.
REQUEST = "request"  # a person is needed, and people are there
PROMISE = "promise"  # a person is needed, and nobody is there now
TAKE = "take"
TRANSFER = "transfer"  # to another agent
REQUEUE = "requeue"  # back to the queue, by hand
AGENT_GONE = "agent_gone"  # back to the front of the queue
PARK = "park"
REOPEN = "reopen"  # the customer writes again
CANCEL = "cancel"  # the customer would rather have the bot
HAND_BACK = "hand_back"  # the agent gives it to the bot, with a note
RESOLVE = "resolve"

# Who does it. An agent is also OWNER of what is theirs; a LEAD may do what an owner may.
CUSTOMER, THE_BOT, SYSTEM = "customer", "bot", "system"
AGENT, OWNER, LEAD = "agent", "owner", "lead"
_HOLDERS = frozenset({OWNER, LEAD})


class NotPossible(Exception):
    """Nothing of the kind can happen in this state; the text names state and event."""


class NotAllowed(Exception):
    """It can happen, but not by the one who asks for it."""


@dataclass(frozen=True)
class Step:
    """Where an event leads, and who may bring it about."""

    to: str
    by: frozenset[str]


def _step(to: str, *by: str) -> Step:
    return Step(to, frozenset(by))


TABLE: dict[tuple[str, str], Step] = {
    (BOT, REQUEST): _step(QUEUED, THE_BOT),
    (BOT, PROMISE): _step(PROMISED, THE_BOT),
    (PROMISED, REQUEST): _step(QUEUED, THE_BOT),
    (PROMISED, TAKE): _step(ASSIGNED, AGENT),
    (PROMISED, CANCEL): _step(BOT, CUSTOMER),
    (QUEUED, TAKE): _step(ASSIGNED, AGENT),
    (QUEUED, CANCEL): _step(BOT, CUSTOMER),
    (ASSIGNED, TRANSFER): Step(ASSIGNED, _HOLDERS),
    (ASSIGNED, REQUEUE): Step(QUEUED, _HOLDERS),
    (ASSIGNED, AGENT_GONE): _step(QUEUED, SYSTEM),
    (ASSIGNED, PARK): _step(PARKED, OWNER, LEAD, SYSTEM),
    (ASSIGNED, CANCEL): _step(BOT, CUSTOMER),
    (ASSIGNED, HAND_BACK): Step(BOT, _HOLDERS),
    (ASSIGNED, RESOLVE): Step(BOT, _HOLDERS),
    (PARKED, REOPEN): _step(ASSIGNED, CUSTOMER, OWNER, LEAD),
    (PARKED, TRANSFER): Step(PARKED, _HOLDERS),
    (PARKED, CANCEL): _step(BOT, CUSTOMER),
    (PARKED, HAND_BACK): Step(BOT, _HOLDERS),
    (PARKED, RESOLVE): Step(BOT, _HOLDERS),
}


def after(state: str, event: str, roles: Collection[str]) -> str:
    """The state after `event`, brought about by someone with these roles. Raises NotPossible, NotAllowed."""
    step = TABLE.get((state, event))
    if step is None:
        raise NotPossible(f"{event} in {state}")
    if step.by.isdisjoint(roles):
        raise NotAllowed(f"{event} in {state}")
    return step.to
