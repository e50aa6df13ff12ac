"""Conversations, messages, buttons and hand-offs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.String(128)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_conversations_subject", "conversations", ["subject"])

    op.create_table(
        "messages",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blocks", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("client_key", sa.String(200)),
        sa.Column("reply_to", sa.String(40), sa.ForeignKey("messages.id"), unique=True),
        sa.Column("option_id", sa.String(40)),
        sa.Column("payload", sa.Text),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("uq_messages_conversation_seq", "messages", ["conversation_id", "seq"], unique=True)
    op.create_index("uq_messages_client_key", "messages", ["conversation_id", "client_key"], unique=True)
    op.create_index("ix_messages_state", "messages", ["state", "conversation_id", "seq"])

    op.create_table(
        "reply_options",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", sa.String(40), sa.ForeignKey("messages.id"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("used_at", TIME),
    )
    op.create_index("ix_reply_options_conversation_id", "reply_options", ["conversation_id"])

    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("customer_id", sa.String(128)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("urgency", sa.String(16), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("diagnosis", sa.JSON),
        sa.Column("transcript", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    )
    is_open = sa.text("status != 'closed'")
    op.create_index(
        "uq_handoffs_open",
        "handoffs",
        ["conversation_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_handoffs_status", "handoffs", ["status", "created_at"])


def downgrade() -> None:
    for table in ("handoffs", "reply_options", "messages", "conversations"):
        op.drop_table(table)
