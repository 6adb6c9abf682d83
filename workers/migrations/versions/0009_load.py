"""The labs of load: visitors, and how long each of them waited"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "visitor_runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        sa.Column("per_second", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True), index=True),
    )
    op.create_table(
        "visits",
        sa.Column("sandbox", sa.String(length=20), primary_key=True),
        sa.Column("run", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("came_s", sa.Float(), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("age_s", sa.Float()),
    )


def downgrade() -> None:
    op.drop_table("visits")
    op.drop_table("visitor_runs")
