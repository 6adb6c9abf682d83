"""Deaths of workers and waits for a breaker are counted by message, and the partner keeps a list of its calls"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("spared", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "partner_calls",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
    )
    op.create_index("partner_calls_by_sandbox", "partner_calls", ["sandbox", "at"])
    op.create_index("partner_calls_by_age", "partner_calls", ["at"])


def downgrade() -> None:
    op.drop_table("partner_calls")
    op.drop_column("outbox", "spared")
    op.drop_column("outbox", "deaths")
