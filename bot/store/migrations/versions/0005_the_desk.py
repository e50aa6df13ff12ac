"""The agents' desk: accounts, sessions, the audit log, canned replies, labels, notes on cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
APPEND_ONLY = "audit_log is append-only"


def _id(table: str, **more: bool) -> sa.Column:
    return sa.Column(f"{table}_id", sa.String(40), sa.ForeignKey(f"{table}s.id"), **more)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("customer_name", sa.String(200)))
    op.create_index("ix_conversations_customer_id", "conversations", ["customer_id", "created_at"])
    op.create_index("ix_conversations_created_at", "conversations", ["created_at"])
    op.create_index("ix_handoffs_conversation_id", "handoffs", ["conversation_id", "created_at"])
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index("ix_handoff_steps_agent_id", "handoff_steps", ["agent_id", "conversation_id"])
    op.create_index("ix_cases_promised", "cases", ["status", "promised_by"])
    op.create_table(
        "agents",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("login", sa.String(80), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("single_sign_on", sa.String(300), unique=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "agent_sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        _id("agent", nullable=False, index=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
    )
    op.create_table(
        "agent_invites",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        _id("agent"),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("made_by", sa.String(40), sa.ForeignKey("agents.id")),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", TIME, nullable=False, index=True),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("agent_name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("customer_id", sa.String(128)),
        sa.Column("conversation_id", sa.String(40)),
        sa.Column("why", sa.String(200), nullable=False),
    )
    op.create_index("ix_audit_log_agent", "audit_log", ["agent_id", "id"])
    op.create_index("ix_audit_log_customer", "audit_log", ["customer_id", "id"])
    _append_only()
    op.create_table(
        "canned_replies",
        sa.Column("language", sa.String(8), primary_key=True),
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("changed_by", sa.String(40), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
    )
    op.create_table(
        "conversation_labels",
        _id("conversation", primary_key=True),
        sa.Column("label", sa.String(32), primary_key=True),
        sa.Column("made_by", sa.String(40), sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_conversation_labels_label", "conversation_labels", ["label"])
    op.create_table(
        "conversation_viewers",
        _id("conversation", primary_key=True),
        _id("agent", primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
    )
    op.create_table(
        "case_notes",
        sa.Column("id", sa.String(40), primary_key=True),
        _id("case", nullable=False, index=True),
        _id("agent", nullable=False),
        sa.Column("agent_name", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )


def _append_only() -> None:
    """A line of the audit log is never changed or deleted, whoever is connected."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{event.lower()} BEFORE {event} ON audit_log "
                f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
    )


def downgrade() -> None:
    for table in (
        "case_notes",
        "conversation_viewers",
        "conversation_labels",
        "canned_replies",
        "audit_log",
        "sign_in_failures",
        "agent_invites",
        "agent_sessions",
        "agents",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_log_append_only()")
    op.drop_index("ix_cases_promised", "cases")
    op.drop_index("ix_handoff_steps_agent_id", "handoff_steps")
    op.drop_index("ix_messages_created_at", "messages")
    op.drop_index("ix_handoffs_conversation_id", "handoffs")
    op.drop_index("ix_conversations_created_at", "conversations")
    op.drop_index("ix_conversations_customer_id", "conversations")
    op.drop_column("conversations", "customer_name")
