"""The hand-off as a state machine: who has it, its history, notes, presence, and calls to be made outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CASE_KEY = "fk_handoffs_case_id"
HANDOFF_COLUMNS = (
    sa.Column("agent_id", sa.String(80)),
    sa.Column("agent_name", sa.String(80)),
    sa.Column("front", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("waiting_since", TIME),
    sa.Column("opens_at", TIME),
    sa.Column("case_id", sa.String(40)),
    sa.Column("acknowledged", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("taken_at", TIME),
    sa.Column("replied_at", TIME),
    sa.Column("closed_at", TIME),
    sa.Column("closed_by", sa.String(16)),
    sa.Column("outcome", sa.JSON),
    sa.Column("resumed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("remote", sa.JSON),
)
MESSAGE_COLUMNS = (
    sa.Column("understood", sa.JSON),
    sa.Column("agent_id", sa.String(80)),
    sa.Column("agent_name", sa.String(80)),
)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("email", sa.String(254)))
    for column in MESSAGE_COLUMNS:
        op.add_column("messages", column.copy())
    for column in HANDOFF_COLUMNS:
        op.add_column("handoffs", column.copy())
    op.execute("UPDATE handoffs SET waiting_since = created_at")
    with op.batch_alter_table("handoffs") as handoffs:
        handoffs.alter_column("waiting_since", existing_type=TIME, nullable=False)
        handoffs.create_foreign_key(CASE_KEY, "cases", ["case_id"], ["id"])
    op.create_index("ix_handoffs_agent_id", "handoffs", ["agent_id"])
    op.create_table(
        "handoff_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("handoff_id", sa.String(40), sa.ForeignKey("handoffs.id"), nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=False),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(80)),
        sa.Column("agent_id", sa.String(80)),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("ix_handoff_steps_handoff_id", "handoff_steps", ["handoff_id"])
    op.create_index("ix_handoff_steps_event", "handoff_steps", ["event", "at"])
    op.create_table(
        "handoff_notes",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("agent_id", sa.String(80), nullable=False),
        sa.Column("agent_name", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("client_key", sa.String(200)),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index(
        "uq_handoff_notes_client_key", "handoff_notes", ["conversation_id", "client_key"], unique=True
    )
    op.create_index("ix_handoff_notes_conversation", "handoff_notes", ["conversation_id", "created_at"])
    op.create_table(
        "agent_presence",
        sa.Column("agent_id", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("done_at", TIME),
        sa.Column("failed", sa.String(40)),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_outbox_open", "outbox", ["done_at", "due_at"])


def downgrade() -> None:
    for table in ("outbox", "agent_presence", "handoff_notes", "handoff_steps"):
        op.drop_table(table)
    op.drop_index("ix_handoffs_agent_id", "handoffs")
    with op.batch_alter_table("handoffs") as handoffs:
        handoffs.drop_constraint(CASE_KEY, type_="foreignkey")
        for column in HANDOFF_COLUMNS:
            handoffs.drop_column(column.name)
    for column in MESSAGE_COLUMNS:
        op.drop_column("messages", column.name)
    op.drop_column("conversations", "email")
