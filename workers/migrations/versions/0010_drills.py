"""Incident drills, and events that are withheld while one is under way"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("events", sa.Column("drill", sa.Integer(), nullable=True))
    op.create_table(
        "drills",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        _at("started_at", nullable=False),
        _at("inject_at", nullable=False),
        _at("injected_at"),
        _at("cured_at"),
        _at("mended_at"),
        _at("ended_at"),
        sa.Column("how", sa.String(length=12)),
        sa.Column("signs", sa.JSON()),
    )
    op.create_index("drills_by_state", "drills", ["state"])
    op.create_index("drills_of_sandbox", "drills", ["sandbox", "id"])
    op.create_table(
        "drill_guesses",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        sa.Column("drill", sa.Integer(), nullable=False),
        sa.Column("guess", sa.String(length=20), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        _at("at", nullable=False),
    )


def downgrade() -> None:
    op.drop_table("drill_guesses")
    op.drop_table("drills")
    op.drop_column("events", "drill")


def _at(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
