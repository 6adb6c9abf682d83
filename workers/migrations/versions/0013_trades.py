"""Orders of other trades than the checkout, and the parts that their steps leave"""

import sqlalchemy as sa
from alembic import op

from workers.database import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("orders", sa.Column("trade", sa.String(10), nullable=False, server_default="checkout"))
    op.create_table(
        "parts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("address", sa.String(80), nullable=False),
        sa.Column("leads_to", sa.String(80)),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_index("parts_by_order", "parts", ["sandbox", "order"])
    op.create_index("parts_by_address", "parts", ["sandbox", "address"])
    leads = sa.text("leads_to IS NOT NULL")
    op.create_index("parts_that_lead", "parts", ["sandbox", "leads_to"], sqlite_where=leads, postgresql_where=leads)


def downgrade() -> None:
    op.drop_table("parts")
    op.drop_column("orders", "trade")
