"""The line of experiments, and what came of each"""

import sqlalchemy as sa
from alembic import op

from workers.database import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("question", sa.String(90), nullable=False),
        sa.Column("option", sa.String(40), nullable=False),
        sa.Column("asker", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("token", sa.String(200), nullable=False),
        sa.Column("scenario", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("as_written", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("began_at", UtcDateTime()),
        sa.Column("runner", sa.String(80)),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("outcome", sa.String(12)),
        sa.Column("reason", sa.String(300)),
        sa.Column("figures", sa.JSON()),
        sa.Column("course", sa.JSON()),
        sa.Column("events", sa.Integer()),
        sa.Column("record", sa.LargeBinary()),
    )
    for name, columns, some in (
        ("experiments_waiting", ["asked_at"], sa.text("began_at IS NULL")),
        ("experiments_open", ["asker"], sa.text("ended_at IS NULL")),
        ("experiments_of_reader", ["asker", "question", "asked_at"], None),
        ("experiments_by_option", ["question", "option", "ended_at"], None),
    ):
        op.create_index(name, "experiments", columns, sqlite_where=some, postgresql_where=some)
