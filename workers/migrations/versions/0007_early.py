"""Acknowledged before the work, and frozen at a place"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("workers", sa.Column("early", sa.String(length=60), nullable=True))
    condition = sa.text("ended_at IS NULL AND early IS NOT NULL")
    op.create_index(
        "workers_early", "workers", ["sandbox", "early"], sqlite_where=condition, postgresql_where=condition
    )
    op.add_column("outbox", sa.Column("early", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("freezes", sa.Column("place", sa.String(length=40), nullable=False, server_default="now"))


def downgrade() -> None:
    op.drop_column("freezes", "place")
    op.drop_column("outbox", "early")
    op.drop_index("workers_early", "workers")
    op.drop_column("workers", "early")
