"""Tickets of small messages, floods of them, and what is measured of both"""

import sqlalchemy as sa
from alembic import op

from workers.database import UtcDateTime

revision = "0012"
down_revision = "0011"

_COUNTS = ("small_in", "small_out", "shed", "refused", "memory_bytes")
_WAITS = ("wait_payments_s", "wait_analytics_s")


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("message", sa.String(60), primary_key=True),
        sa.Column("sandbox", sa.String(20), nullable=False),
        sa.Column("about", sa.String(12), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("shed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("worker", sa.String(20)),
        sa.Column("waited_s", sa.Float()),
        sa.Column("worked_s", sa.Float()),
        sa.Column("outside_s", sa.Float()),
    )
    still_open = sa.text("closed_at IS NULL")
    columns = ["sandbox", "about", "committed_at", "message"]
    op.create_index("tickets_open", "tickets", columns, sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("tickets_by_commit", "tickets", ["sandbox", "committed_at"])
    op.create_index("tickets_closed", "tickets", ["sandbox", "closed_at", "shed", "message"])
    op.create_table(
        "counted_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(20), nullable=False),
        sa.Column("message", sa.String(60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
    )
    op.create_index("counted_events_by_message", "counted_events", ["sandbox", "message"])
    op.add_column("floods", sa.Column("kind", sa.String(12), nullable=False, server_default="checkout"))
    op.add_column("floods", sa.Column("manner", sa.JSON(), nullable=False, server_default="{}"))
    for name in _COUNTS:
        op.add_column("samples", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in _WAITS:
        op.add_column("samples", sa.Column(name, sa.Float()))


def downgrade() -> None:
    for name in (*_COUNTS, *_WAITS):
        op.drop_column("samples", name)
    op.drop_column("floods", "manner")
    op.drop_column("floods", "kind")
    op.drop_table("counted_events")
    op.drop_table("tickets")
