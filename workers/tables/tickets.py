"""Tickets of small messages, and what comes of them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, false

from workers.database import UtcDateTime
from workers.tables.base import partly, table

# One message on the queue that carries up to ten small ones. What is done with it is decided in the same transaction
# as its effect: that it is closed.
tickets = table(
    "tickets",
    Column("message", String(60), primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("about", String(12), nullable=False),  # "analytics" | "payments"
    Column("events", Integer, nullable=False),  # how many small messages it carries
    Column("payload", JSON, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("shed", Boolean, nullable=False, server_default=false()),  # closed because it was dropped
    Column("worker", String(20)),
    Column("waited_s", Float),  # until a worker began with it
    Column("worked_s", Float),  # from then on, all in all
    Column("outside_s", Float),  # of that: waiting for somebody else's server
    Index("tickets_open", "sandbox", "about", "committed_at", "message", **partly("closed_at IS NULL")),
    Index("tickets_by_commit", "sandbox", "committed_at"),
    Index("tickets_closed", "sandbox", "closed_at", "shed", "message"),
)

# The effect of a ticket: one row each time that it happens, so that repeats can be counted.
counted_events = table(
    "counted_events",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("message", String(60), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("events", JSON, nullable=False),  # the small messages, each in a word or two
    Index("counted_events_by_message", "sandbox", "message"),
)
