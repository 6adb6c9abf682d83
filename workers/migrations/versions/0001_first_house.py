"""The first house: sandboxes, orders, outbox, effects, record"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "analytics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("analytics_by_order", "analytics", ["sandbox", "order"], unique=False)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_log_by_order", "audit_log", ["sandbox", "order"], unique=False)
    op.create_table(
        "commitments",
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("lab", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sandbox", "lab", "kind"),
    )
    op.create_table(
        "crashes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("victim", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("worker", sa.String(length=20), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("crashes_by_state", "crashes", ["state", "sandbox"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deliveries_by_order", "deliveries", ["sandbox", "order"], unique=False)
    op.create_table(
        "effects_seen",
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("sandbox", "key"),
    )
    op.create_table(
        "emails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("emails_by_order", "emails", ["sandbox", "order"], unique=False)
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("order", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=60), nullable=True),
        sa.Column("worker", sa.String(length=20), nullable=True),
        sa.Column("step", sa.String(length=20), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("race", sa.String(length=40), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("events_of_order", "events", ["sandbox", "order"], unique=False)
    op.create_index("events_of_races", "events", ["sandbox", "race", "sequence"], unique=False)
    op.create_index("events_of_sandbox", "events", ["sandbox", "sequence"], unique=False)
    op.create_table(
        "floods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("per_second", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_floods_ended_at"), "floods", ["ended_at"], unique=False)
    op.create_table(
        "loyalty_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("loyalty_points_by_order", "loyalty_points", ["sandbox", "order"], unique=False)
    op.create_table(
        "orders",
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checkout", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("race", sa.String(length=40), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waited_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("sandbox", "number"),
    )
    op.create_table(
        "outbox",
        sa.Column("message", sa.String(length=60), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("message"),
    )
    op.create_index("outbox_by_order", "outbox", ["sandbox", "order"], unique=False)
    op.create_index("outbox_open", "outbox", ["closed_at", "sandbox"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("payments_by_order", "payments", ["sandbox", "order"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("receipts_by_order", "receipts", ["sandbox", "order"], unique=False)
    op.create_table(
        "repeatable_requests",
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("sandbox", "key"),
    )
    op.create_table(
        "sandboxes",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awake", sa.Boolean(), nullable=False),
        sa.Column("last_order", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sandboxes_acted_at"), "sandboxes", ["acted_at"], unique=False)
    op.create_index(op.f("ix_sandboxes_awake"), "sandboxes", ["awake"], unique=False)
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stock_movements_by_order", "stock_movements", ["sandbox", "order"], unique=False)
    op.create_table(
        "workers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("rq_name", sa.String(length=80), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("supervisor", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.Column("crashed", sa.Boolean(), nullable=True),
        sa.Column("held", sa.String(length=60), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_workers_ended_at"), "workers", ["ended_at"], unique=False)
    op.create_index(op.f("ix_workers_sandbox"), "workers", ["sandbox"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_workers_sandbox"), table_name="workers")
    op.drop_index(op.f("ix_workers_ended_at"), table_name="workers")
    op.drop_table("workers")
    op.drop_index("stock_movements_by_order", table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_index(op.f("ix_sandboxes_awake"), table_name="sandboxes")
    op.drop_index(op.f("ix_sandboxes_acted_at"), table_name="sandboxes")
    op.drop_table("sandboxes")
    op.drop_table("repeatable_requests")
    op.drop_index("receipts_by_order", table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("payments_by_order", table_name="payments")
    op.drop_table("payments")
    op.drop_index("outbox_open", table_name="outbox")
    op.drop_index("outbox_by_order", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("orders")
    op.drop_index("loyalty_points_by_order", table_name="loyalty_points")
    op.drop_table("loyalty_points")
    op.drop_index(op.f("ix_floods_ended_at"), table_name="floods")
    op.drop_table("floods")
    op.drop_index("events_of_sandbox", table_name="events")
    op.drop_index("events_of_races", table_name="events")
    op.drop_index("events_of_order", table_name="events")
    op.drop_table("events")
    op.drop_index("emails_by_order", table_name="emails")
    op.drop_table("emails")
    op.drop_table("effects_seen")
    op.drop_index("deliveries_by_order", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("crashes_by_state", table_name="crashes")
    op.drop_table("crashes")
    op.drop_table("commitments")
    op.drop_index("audit_log_by_order", table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_index("analytics_by_order", table_name="analytics")
    op.drop_table("analytics")
