"""Tables of the agents' desk: who works there, what they looked at, and what they add to chats and cases."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text

from bot.store.models import Base, UtcDateTime, new_id, utcnow

# Roles of an agent; each may do what those before it may.
AGENT_ROLE, LEAD_ROLE, ADMIN_ROLE = ROLES = ("agent", "lead", "admin")


class Agent(Base):
    """Someone who answers customers. Rows are never deleted: what they did stays theirs."""

    __tablename__ = "agents"

    id = Column(String(40), primary_key=True, default=lambda: new_id("agent"))
    login = Column(String(80), nullable=False, unique=True)  # casefolded
    name = Column(String(80), nullable=False)  # as customers read it
    role = Column(String(16), nullable=False)
    password = Column(String(200))  # argon2id, encoded; None: single sign-on only
    single_sign_on = Column(String(300), unique=True)  # "issuer subject" at the OpenID provider
    active = Column(Boolean, nullable=False, default=True)
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)


class AgentSession(Base):
    """A signed-in browser. Its secret is only in that browser's cookie; here is what it hashes to."""

    __tablename__ = "agent_sessions"

    id = Column(String(64), primary_key=True)  # SHA-256 of the cookie's value
    agent_id = Column(String(40), ForeignKey("agents.id"), nullable=False, index=True)
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)
    seen_at = Column(UtcDateTime, nullable=False, default=utcnow)  # the agent's last sign of activity
    ends_at = Column(UtcDateTime, nullable=False)


class AgentInvite(Base):
    """A one-time link by which someone chooses their password: a new agent, or one who forgot it."""

    __tablename__ = "agent_invites"

    id = Column(String(40), primary_key=True, default=lambda: new_id("invite"))
    token = Column(String(64), nullable=False, unique=True)  # SHA-256 of what the link holds
    agent_id = Column(String(40), ForeignKey("agents.id"))  # None: for someone new
    login = Column(String(80), nullable=False)
    name = Column(String(80), nullable=False)
    role = Column(String(16), nullable=False)
    made_by = Column(String(40), ForeignKey("agents.id"))  # None: by the command line
    expires_at = Column(UtcDateTime, nullable=False)
    used_at = Column(UtcDateTime)  # also when it was taken back
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)


class SignInFailures(Base):
    """How often signing in has failed in a row, for an account or for a network address."""

    __tablename__ = "sign_in_failures"

    key = Column(String(64), primary_key=True)  # SHA-256: people type passwords in the wrong field
    count = Column(Integer, nullable=False)
    last_at = Column(UtcDateTime, nullable=False)


class AuditEntry(Base):
    """An agent saw something of a customer's, or changed who may. The database refuses changes to it."""

    __tablename__ = "audit_log"

    id = Column(Integer, primary_key=True)
    at = Column(UtcDateTime, nullable=False, default=utcnow, index=True)
    agent_id = Column(String(40), nullable=False)
    agent_name = Column(String(80), nullable=False)  # as it was then
    role = Column(String(16), nullable=False)
    action = Column(String(40), nullable=False)
    customer_id = Column(String(128))  # None: of a visitor, or of nobody in particular
    conversation_id = Column(String(40))
    why = Column(String(200), nullable=False, default="")  # e.g. the chat from which it was looked up

    __table_args__ = (
        Index("ix_audit_log_agent", "agent_id", "id"),
        Index("ix_audit_log_customer", "customer_id", "id"),
    )


class CannedReply(Base):
    """A reply that leads wrote, or a change to (or the hiding of) one that came with the product."""

    __tablename__ = "canned_replies"

    language = Column(String(8), primary_key=True)
    key = Column(String(40), primary_key=True)
    title = Column(String(80), nullable=False)
    text = Column(Text, nullable=False)
    hidden = Column(Boolean, nullable=False, default=False)
    changed_by = Column(String(40), ForeignKey("agents.id"), nullable=False)
    changed_at = Column(UtcDateTime, nullable=False, default=utcnow)


class ConversationLabel(Base):
    """A label that agents put on a conversation."""

    __tablename__ = "conversation_labels"

    conversation_id = Column(String(40), ForeignKey("conversations.id"), primary_key=True)
    label = Column(String(32), primary_key=True)
    made_by = Column(String(40), ForeignKey("agents.id"), nullable=False)
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)

    __table_args__ = (Index("ix_conversation_labels_label", "label"),)


class ConversationViewer(Base):
    """Which agents have a conversation on their screen, and when their desk last said so."""

    __tablename__ = "conversation_viewers"

    conversation_id = Column(String(40), ForeignKey("conversations.id"), primary_key=True)
    agent_id = Column(String(40), ForeignKey("agents.id"), primary_key=True)
    name = Column(String(80), nullable=False)
    seen_at = Column(UtcDateTime, nullable=False)


class CaseNote(Base):
    """What an agent wrote about a case. Customers never see it."""

    __tablename__ = "case_notes"

    id = Column(String(40), primary_key=True, default=lambda: new_id("note"))
    case_id = Column(String(40), ForeignKey("cases.id"), nullable=False, index=True)
    agent_id = Column(String(40), ForeignKey("agents.id"), nullable=False)
    agent_name = Column(String(80), nullable=False)
    text = Column(Text, nullable=False)
    created_at = Column(UtcDateTime, nullable=False, default=utcnow)
