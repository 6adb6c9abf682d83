"""Messages that nothing promised, and checkouts in processes of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("promised", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("orders", sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=True))
    condition = sa.text("cut_off_at IS NOT NULL")
    op.create_index("orders_cut_off", "orders", ["sandbox"], sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "tills",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("began", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("supervisor", sa.String(length=80), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_tills_sandbox", "tills", ["sandbox"])
    op.create_index("ix_tills_state", "tills", ["state"])


def downgrade() -> None:
    op.drop_table("tills")
    op.drop_index("orders_cut_off", "orders")
    op.drop_column("orders", "cut_off_at")
    op.drop_column("outbox", "promised")
