"""Holds at the actions of a step, fences, and keys as long as an address of e-mail"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("sandbox", 20),
        _text("step", 20),
        _at("started_at"),
        _at("until"),
        _at("ended_at", nullable=True),
    )
    op.create_index("holds_by_sandbox", "holds", ["sandbox", "started_at"])
    going_on = sa.text("ended_at IS NULL")
    op.create_index("holds_in_force", "holds", ["sandbox"], sqlite_where=going_on, postgresql_where=going_on)
    op.create_table(
        "standing",
        _text("sandbox", 20, primary_key=True),
        _text("worker", 20, primary_key=True),
        _count("pid"),
        _count("order"),
        _count("delivery"),
        _text("place", 40),
        _at("since"),
        _at("released_at", nullable=True),
    )
    op.create_table(
        "fences",
        _text("sandbox", 20, primary_key=True),
        _text("receiver", 20, primary_key=True),
        _count("order", primary_key=True),
        _count("highest"),
    )
    _make_keys(200, before=100)


def _make_keys(length: int, before: int) -> None:
    for table in ("effects_seen", "deliveries"):
        with op.batch_alter_table(table) as altered:
            altered.alter_column("key", type_=sa.String(length), existing_type=sa.String(before))


def downgrade() -> None:
    _make_keys(100, before=200)
    for table in ("fences", "standing", "holds"):
        op.drop_table(table)


def _at(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False, primary_key=primary_key)


def _count(name: str, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=primary_key, autoincrement=False)
