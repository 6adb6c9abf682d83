"""Checkouts that a reader designed, and floods of customers who wait for everything"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("orders", sa.Column("later", sa.JSON(), nullable=True))
    op.add_column("floods", sa.Column("checkout", sa.String(length=10), nullable=False, server_default="later"))


def downgrade() -> None:
    op.drop_column("floods", "checkout")
    op.drop_column("orders", "later")
