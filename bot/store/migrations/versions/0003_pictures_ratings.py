"""Pictures, ratings, read marks, and sessions that were signed out of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("read_seq", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", sa.String(40), sa.ForeignKey("messages.id")),
        sa.Column("case_id", sa.String(40), sa.ForeignKey("cases.id")),
        sa.Column("client_key", sa.String(200)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index(
        "uq_attachments_client_key", "attachments", ["conversation_id", "client_key"], unique=True
    )
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"])
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"])
    op.create_table(
        "ratings",
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("until", TIME, nullable=False),
    )
    op.create_index("ix_ended_sessions_until", "ended_sessions", ["until"])


def downgrade() -> None:
    op.drop_table("ended_sessions")
    op.drop_table("ratings")
    op.drop_table("attachments")
    op.drop_column("conversations", "read_seq")
