"""What is done to workers, messages, the partner and checkouts: wishes, and what became of them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, String

from workers.database import UtcDateTime
from workers.tables.base import partly, table

crashes = table(
    "crashes",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("victim", String(20), nullable=False),
    Column("place", String(40), nullable=False),
    Column("state", String(10), nullable=False),
    Column("worker", String(20)),
    Column("pid", Integer),
    Column("wished_at", UtcDateTime, nullable=False),
    Index("crashes_by_state", "state", "sandbox"),
)

# A worker is to be stopped (SIGSTOP) until a moment; it is thawed (SIGCONT) then, or when somebody asks.
freezes = table(
    "freezes",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("victim", String(20), nullable=False),
    Column("place", String(40), nullable=False, server_default="now"),
    # "wished", or for a place "armed" and then "reached" | "frozen" | "thaw" (wished) | "over" | "expired"
    Column("state", String(10), nullable=False),
    Column("worker", String(20)),
    Column("pid", Integer),
    Column("wished_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index("freezes_by_state", "state", "sandbox"),
)

# Until a moment, workers stand before each action of a step; where each of them stands is in the table after it.
holds = table(
    "holds",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("step", String(20), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("holds_by_sandbox", "sandbox", "started_at"),
    Index("holds_in_force", "sandbox", **partly("ended_at IS NULL")),
)

standing = table(
    "standing",
    Column("sandbox", String(20), primary_key=True),
    Column("worker", String(20), primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("order", Integer, nullable=False),
    Column("delivery", Integer, nullable=False),
    Column("place", String(40), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("released_at", UtcDateTime),
)

# What a reader did to single messages, "poison" or "duplicate", for the limit of such acts a minute.
mischief = table(
    "mischief",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("mischief_by_sandbox", "sandbox", "at"),
)

# The partner is in trouble until a moment; then the setting `partner` goes back to "up" by itself.
outages = table(
    "outages",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("partner", String(10), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, index=True),
)

# Checkouts in a process of their own, because that is to be killed; `began` is in seconds since 1970.
tills = table(
    "tills",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("order", JSON, nullable=False),
    Column("began", Float, nullable=False),
    Column("state", String(10), nullable=False, index=True),  # "wished" | "running" | "over"
    Column("supervisor", String(80)),
    Column("pid", Integer),
    Column("wished_at", UtcDateTime, nullable=False),
)

# Every call that reached the partner, and what it answered, whether or not its caller was still there to hear it.
partner_calls = table(
    "partner_calls",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("order", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Index("partner_calls_by_sandbox", "sandbox", "at"),
    Index("partner_calls_by_age", "at"),
)
