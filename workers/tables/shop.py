"""What the shop keeps: sandboxes, orders, and the effects of every step."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, LargeBinary, String

from workers.database import UtcDateTime
from workers.tables.base import effect, partly, table

sandboxes = table(
    "sandboxes",
    Column("id", String(20), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("acted_at", UtcDateTime, nullable=False, index=True),
    Column("awake", Boolean, nullable=False, index=True),
    Column("last_order", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("visitor", String(64)),  # a digest of the session whose first act made it; none of a script's
    Index("sandboxes_by_visitor", "visitor", unique=True),
)

orders = table(
    "orders",
    Column("sandbox", String(20), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("checkout", String(10), nullable=False),
    Column("email", String(254), nullable=False),
    Column("race", String(40)),
    Column("later", JSON(none_as_null=True)),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("waited_s", Float),
    Column("trade", String(10), nullable=False, server_default="checkout"),
    Column("cut_off_at", UtcDateTime),  # its checkout failed or died, and may have left no message
    Index("orders_unanswered", "sandbox", **partly("answered_at IS NULL")),
    Index("orders_cut_off", "sandbox", **partly("cut_off_at IS NOT NULL")),
    # Those that may be wholly their request's work, without a message.
    Index("orders_without_message", "sandbox", **partly("checkout = 'now' OR later IS NOT NULL")),
)

payments = effect("payments", Column("cents", Integer, nullable=False), Column("decision", String(10), nullable=False))

emails = effect(
    "emails",
    Column("recipient", String(254), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", String, nullable=False),
    Column("message_id", String(200), nullable=False),
)

receipts = effect("receipts", Column("pdf", LargeBinary, nullable=False))

stock_movements = effect(
    "stock_movements",
    Column("system", String(20), nullable=False),
    Column("sku", String(40), nullable=False),
    Column("quantity", Integer, nullable=False),
)

analytics = effect("analytics", Column("name", String(40), nullable=False), Column("cents", Integer, nullable=False))

deliveries = effect("deliveries", Column("key", String(200)), Column("body", JSON, nullable=False))

audit_log = effect("audit_log", Column("entry", String(200), nullable=False))

loyalty_points = effect("loyalty_points", Column("points", Integer, nullable=False))

# What a photo, a video or a report is made of, a row for each piece. The bytes come last, so that counting skips them.
parts = effect(
    "parts",
    Column("part", String(20), nullable=False),  # the name of the step that left it
    Column("address", String(80), nullable=False),
    Column("leads_to", String(80)),  # of a link: the address that it names, whether or not something is there
    Column("bytes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
Index("parts_by_address", parts.c.sandbox, parts.c.address)
Index("parts_that_lead", parts.c.sandbox, parts.c.leads_to, **partly("leads_to IS NOT NULL"))

effects_seen = table(
    "effects_seen",
    Column("sandbox", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
)

# The highest number of a delivery that a receiver of writes has seen for an order: it takes none from a lower one.
fences = table(
    "fences",
    Column("sandbox", String(20), primary_key=True),
    Column("receiver", String(20), primary_key=True),
    Column("order", Integer, primary_key=True),
    Column("highest", Integer, nullable=False),
)

repeatable_requests = table(
    "repeatable_requests",
    Column("sandbox", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("status", Integer),
    Column("answer", JSON),
)
