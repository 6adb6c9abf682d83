"""What readers read, practised and said"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "lessons_read",
        sa.Column("sandbox", sa.String(length=20), primary_key=True),
        sa.Column("lesson", sa.String(length=40), primary_key=True),
        _at("at"),
    )
    op.create_table(
        "practice_rounds",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        sa.Column("questions", sa.JSON(), nullable=False),
        _at("started_at"),
    )
    op.create_table(
        "resume_codes",
        sa.Column("digest", sa.String(length=64), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        _at("made_at"),
        _at("expires_at"),
    )
    op.create_table(
        "remarks",
        sa.Column("sandbox", sa.String(length=20), primary_key=True),
        sa.Column("lesson", sa.String(length=40), primary_key=True),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text()),
        _at("at"),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        sa.Column("lesson", sa.String(length=40), nullable=False, index=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _at("at"),
        _at("hidden_at", nullable=True),
    )
    op.create_table(
        "post_reports",
        sa.Column("post", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), primary_key=True),
        _at("at"),
    )


def downgrade() -> None:
    for name in ("post_reports", "posts", "remarks", "resume_codes", "practice_rounds", "lessons_read"):
        op.drop_table(name)


def _at(name: str, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
