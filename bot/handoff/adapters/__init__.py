"""Help desks behind one interface: the built-in desk, which needs no calls, and others, a module each.

Outward: an adapter is told what happens in a conversation, each thing at least once and in order
(`bot.handoff.outbox`). Inward: its routes call the same functions of `bot.handoff.desk.Desk` as our own desk,
as an `agent(…, remote=True)`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.store.models import Attachment, Conversation, Handoff, Message

BUILT_IN = "desk"

Keep = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Told:
    """One thing that happened. `remote` is what the adapter has kept of this hand-off so far, e.g. the other
    side's id; `keep(values)` adds to it at once, so that a repeated call goes on where the last one broke."""

    conversation: Conversation
    handoff: Handoff
    remote: dict[str, Any]
    keep: Keep
    message: Message | None = None  # what the customer said
    attachments: list[Attachment] = field(default_factory=list)  # its pictures


class Adapter(Protocol):
    """Another help desk. Each call may come again; a raised error means: again later
    (`outbox.Hopeless`: never). Texts are masked already."""

    name: str  # the outbox's channel, at most 16 characters

    async def opened(self, told: Told) -> None:
        """A person is needed, or is promised for later; also once more when a promise becomes urgent."""

    async def customer_message(self, told: Told) -> None:
        """The customer said `told.message` while a person has the conversation."""

    async def closed(self, told: Told) -> None:
        """It is over on our side; `told.handoff.closed_by` says how, e.g. "cancel"."""

    async def close(self) -> None:
        """The process ends: connections are given back."""
