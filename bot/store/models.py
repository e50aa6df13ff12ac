"""Tables of the support database."""

from __future__ import annotations

import secrets
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import TypeDecorator

Base: Any = declarative_base()

# Authors of a message.
CUSTOMER, BOT, AGENT, SYSTEM = "customer", "bot", "agent", "system"
# States of a customer's message; everything else is written down as ANSWERED.
RECEIVED, ANSWERED = "received", "answered"
# States of a hand-off and of a case; any other than CLOSED counts as open.
QUEUED, OPEN, CLOSED = "queued", "open", "closed"


class UtcDateTime(TypeDecorator):
    """An aware UTC time, also on SQLite, which keeps no zone. A naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Python → database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Database → Python."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def utcnow() -> datetime:
    """Now, aware."""
    return datetime.now(timezone.utc)


def new_id(prefix: str) -> str:
    """An identifier that cannot be guessed, e.g. `msg_Zk3…`."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"


class Conversation(Base):
    """One thread between a subject (a signed-in customer or a visitor) and the bot."""

    __tablename__ = "conversations"

    id = Column(String(40), primary_key=True, default=lambda: new_id("conv"))
    subject = Column(String(200), nullable=False, index=True)
    customer_id = Column(String(128))  # only ever from a verified token
    customer_name = Column(String(200))  # so too; agents see it masked
    language = Column(String(8), nullable=False)
    last_seq = Column(Integer, nullable=False, default=0)  # counts up under the row's lock
    read_seq = Column(Integer, nullable=False, default=0)  # up to here its owner has seen it
    email = Column(String(254))  # only ever from a verified token
    created_at = Column(UtcDateTime, nullable=False, default=utcnow, index=True)

    __table_args__ = (Index("ix_conversations_customer_id", "customer_id", "created_at"),)


class Message(Base):
    """One message, already masked. `seq` grows by one within a conversation, without gaps."""

    __tablename__ = "messages"

    id = Column(String(40), primary_key=True, default=lambda: new_id("msg"))
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    seq = Column(Integer, nullable=False)
    author = Column(String(16), nullable=False)
    text = Column(Text, nullable=False)
    blocks = Column(JSON, nullable=False, default=list)
    state = Column(String(16), nullable=False, default=ANSWERED)
    client_key = Column(String(200))  # the client's idempotency key
    reply_to = Column(String(40), ForeignKey("messages.id"), unique=True)  # one answer each, ever
    option_id = Column(String(40))  # the button pressed (ReplyOption.id; no key, it would be a circle)
    payload = Column(Text)  # what that button means to Rasa
    masked = Column(Boolean, nullable=False, default=False)  # a secret was taken out of the text
    understood = Column(JSON)  # {"intent", "confidence", "entities"} of a customer's words
    agent_id = Column(String(80))  # who wrote it, of an agent's message
    agent_name = Column(String(80))  # as the customer reads it
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (
        Index("uq_messages_conversation_seq", "conversation_id", "seq", unique=True),
        Index("uq_messages_client_key", "conversation_id", "client_key", unique=True),
        Index("ix_messages_state", "state", "conversation_id", "seq"),
        Index("ix_messages_created_at", "created_at"),
    )


class ReplyOption(Base):
    """A button the bot issued. The browser knows its id; the payload never leaves the server."""

    __tablename__ = "reply_options"

    id = Column(String(40), primary_key=True)
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False, index=True)
    message_id = Column(String(40), ForeignKey("messages.id"), nullable=False)
    title = Column(String(200), nullable=False)
    payload = Column(Text, nullable=False)
    used_at = Column(UtcDateTime)


class Handoff(Base):
    """A request for a human: what they need to know to take over without asking again."""

    __tablename__ = "handoffs"

    id = Column(String(40), primary_key=True, default=lambda: new_id("handoff"))
    reference = Column(String(16), nullable=False, unique=True)  # what the customer can quote
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    customer_id = Column(String(128))
    language = Column(String(8), nullable=False)
    status = Column(String(16), nullable=False, default=QUEUED)
    reason = Column(String(40), nullable=False)
    urgency = Column(String(16), nullable=False)
    summary = Column(Text, nullable=False)
    diagnosis = Column(JSON)  # the card, evidence included
    transcript = Column(JSON, nullable=False)  # [{"author", "text", "at"}] up to the latest request
    agent_id = Column(String(80), index=True)  # who has it, or had it last
    agent_name = Column(String(80))  # as the customer reads it
    front = Column(Boolean, nullable=False, default=False)  # its agent went away: first of its urgency
    waiting_since = Column(UtcDateTime, nullable=False, default=utcnow)
    opens_at = Column(UtcDateTime)  # when people are there again, if they were not when it was asked for
    case_id = Column(String(40), ForeignKey("cases.id"))  # the promise that was made then
    acknowledged = Column(
        Boolean, nullable=False, default=False
    )  # the bot's one word while it waits was said
    taken_at = Column(UtcDateTime)  # first
    replied_at = Column(UtcDateTime)  # an agent's first message
    closed_at = Column(UtcDateTime)
    closed_by = Column(String(16))  # the event that closed it: cancel, hand_back or resolve
    outcome = Column(JSON)  # what the agent found, see bot.handoff.desk.Outcome
    resumed = Column(Boolean, nullable=False, default=False)  # the bot has begun anew since it was closed
    remote = Column(JSON)  # what the help desk's adapter needs to find it again
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)
    updated_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (
        Index(
            "uq_handoffs_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("status != 'closed'"),
            postgresql_where=text("status != 'closed'"),
        ),
        Index("ix_handoffs_status", "status", "created_at"),
        Index("ix_handoffs_conversation_id", "conversation_id", "created_at"),
    )


class Case(Base):
    """A matter that only the company can put right: what it is about, and what the customer was promised."""

    __tablename__ = "cases"

    id = Column(String(40), primary_key=True, default=lambda: new_id("case"))
    reference = Column(String(16), nullable=False, unique=True)  # what the customer can quote
    customer_id = Column(String(128), nullable=False)
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    about = Column(String(64), nullable=False)  # the payment's id; never shown
    cause = Column(String(40), nullable=False)
    title = Column(String(200), nullable=False)  # which payment, as the customer reads it
    status = Column(String(16), nullable=False, default=OPEN)
    summary = Column(Text, nullable=False)
    diagnosis = Column(JSON)  # the card, evidence included
    promised_by = Column(UtcDateTime, nullable=False)
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)
    updated_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (
        Index(
            "uq_cases_open",
            "customer_id",
            "about",
            unique=True,
            sqlite_where=text("status != 'closed'"),
            postgresql_where=text("status != 'closed'"),
        ),
        Index("ix_cases_customer", "customer_id", "created_at"),
        Index("ix_cases_promised", "status", "promised_by"),
    )


class Attachment(Base):
    """A picture that a customer sent: what is known of it. Its bytes lie in the attachments' storage."""

    __tablename__ = "attachments"

    id = Column(String(40), primary_key=True, default=lambda: new_id("att"))
    conversation_id = Column(String(40), ForeignKey("conversations.id"), nullable=False)
    message_id = Column(String(40), ForeignKey("messages.id"), index=True)  # None until it is sent
    case_id = Column(String(40), ForeignKey("cases.id"), index=True)  # the case it is a proof for
    client_key = Column(String(200))  # the client's idempotency key
    digest = Column(String(64), nullable=False)  # SHA-256 of what was uploaded, for that key
    media_type = Column(String(40), nullable=False)
    width = Column(Integer, nullable=False)
    height = Column(Integer, nullable=False)
    size = Column(Integer, nullable=False)  # bytes as kept
    name = Column(String(80), nullable=False)  # in the storage
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (Index("uq_attachments_client_key", "conversation_id", "client_key", unique=True),)


class Rating(Base):
    """How a customer found a conversation: one each, the newest word counts."""

    __tablename__ = "ratings"

    conversation_id = Column(String(40), ForeignKey("conversations.id"), primary_key=True)
    score = Column(Integer, nullable=False)  # 1 (bad) to 5 (very good)
    words = Column(Text, nullable=False, default="")
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)


class EndedSession(Base):
    """A session that its holder signed out of; kept until its tokens would have run out anyway."""

    __tablename__ = "ended_sessions"

    id = Column(String(40), primary_key=True)  # the tokens' `sid`
    until = Column(UtcDateTime, nullable=False, index=True)
