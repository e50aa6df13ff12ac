"""Tables around a hand-off: its history, agents' notes and presence, and calls to be made outside."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Text

from bot.store.models import Base, UtcDateTime, new_id, utcnow


class HandoffStep(Base):
    """One transition of a hand-off. Rows are only ever added."""

    __tablename__ = "handoff_steps"

    id = Column(Integer, primary_key=True)  # in the order of what happened
    handoff_id = Column(String(40), ForeignKey("handoffs.id"), nullable=False, index=True)
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    event = Column(String(16), nullable=False)
    from_state = Column(String(16), nullable=False)
    to_state = Column(String(16), nullable=False)
    actor = Column(String(16), nullable=False)  # customer, bot, agent or system
    actor_id = Column(String(80))  # the agent's
    agent_id = Column(String(80))  # who has the conversation after it
    why = Column(Text, nullable=False, default="")
    at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (
        Index("ix_handoff_steps_event", "event", "at"),
        Index("ix_handoff_steps_agent_id", "agent_id", "conversation_id"),
    )


class HandoffNote(Base):
    """What an agent wrote for other agents. Customers never see it."""

    __tablename__ = "handoff_notes"

    id = Column(String(40), primary_key=True, default=lambda: new_id("note"))
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    agent_id = Column(String(80), nullable=False)
    agent_name = Column(String(80), nullable=False)
    text = Column(Text, nullable=False)
    client_key = Column(String(200))  # the client's idempotency key
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (
        Index("uq_handoff_notes_client_key", "conversation_id", "client_key", unique=True),
        Index("ix_handoff_notes_conversation", "conversation_id", "created_at"),
    )


class AgentPresence(Base):
    """When an agent's desk last gave a sign of life. No row: not at our desk."""

    __tablename__ = "agent_presence"

    agent_id = Column(String(80), primary_key=True)
    name = Column(String(80), nullable=False)
    seen_at = Column(UtcDateTime, nullable=False)


class OutboxEntry(Base):
    """A call to make outside, to a help desk or a mail server: at least once, in the conversation's order."""

    __tablename__ = "outbox"

    id = Column(Integer, primary_key=True)
    key = Column(String(200), nullable=False, unique=True)  # the same thing is never put in twice
    channel = Column(String(16), nullable=False)  # mail, or the adapter's name
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    action = Column(String(16), nullable=False)
    about = Column(JSON, nullable=False)  # ids only, never words
    attempts = Column(Integer, nullable=False, default=0)
    due_at = Column(UtcDateTime, nullable=False, default=utcnow)  # claimed: until when others leave it alone
    done_at = Column(UtcDateTime)
    failed = Column(String(40))  # why it was given up
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (Index("ix_outbox_open", "done_at", "due_at"),)
