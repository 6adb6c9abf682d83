"""The tables of the ledger: sandboxes, orders with their outbox, the effects of every step, wishes and the record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

from workers.database import UtcDateTime

metadata = MetaData()


def _table(name: str, *columns: Column[Any] | Index, **options: Any) -> Table:
    return Table(name, metadata, *columns, **options)


def _effect(name: str, *columns: Column[Any]) -> Table:
    """A step's real effect: one row each time that it happens, so that repeats can be counted."""
    return _table(
        name,
        Column("id", Integer, primary_key=True),
        Column("sandbox", String(20), nullable=False),
        Column("order", Integer, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        *columns,
        Index(f"{name}_by_order", "sandbox", "order"),
    )


sandboxes = _table(
    "sandboxes",
    Column("id", String(20), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("acted_at", UtcDateTime, nullable=False, index=True),
    Column("awake", Boolean, nullable=False, index=True),
    Column("last_order", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
)

event_log = _table(
    "events",
    Column("sequence", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(40), nullable=False),
    Column("order", Integer),
    Column("message", String(60)),
    Column("worker", String(20)),
    Column("step", String(20)),
    Column("attempt", Integer),
    Column("race", String(40)),
    Column("details", JSON, nullable=False),
    Index("events_of_races", "sandbox", "race", "sequence"),
    Index("events_of_sandbox", "sandbox", "sequence"),
    Index("events_of_order", "sandbox", "order"),
    sqlite_autoincrement=True,  # a sequence number is never used twice, also after a sandbox was deleted
)

orders = _table(
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
)

outbox = _table(
    "outbox",
    Column("message", String(60), primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("order", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    Column("enqueued_at", UtcDateTime),
    Column("taken_at", UtcDateTime),
    Column("deliveries", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
    Index("outbox_open", "closed_at", "sandbox"),
    Index("outbox_by_order", "sandbox", "order"),
)

payments = _effect("payments", Column("cents", Integer, nullable=False), Column("decision", String(10), nullable=False))
emails = _effect(
    "emails",
    Column("recipient", String(254), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", String, nullable=False),
    Column("message_id", String(200), nullable=False),
)
receipts = _effect("receipts", Column("pdf", LargeBinary, nullable=False))
stock_movements = _effect(
    "stock_movements",
    Column("system", String(20), nullable=False),
    Column("sku", String(40), nullable=False),
    Column("quantity", Integer, nullable=False),
)
analytics = _effect("analytics", Column("name", String(40), nullable=False), Column("cents", Integer, nullable=False))
deliveries = _effect("deliveries", Column("key", String(100)), Column("body", JSON, nullable=False))
audit_log = _effect("audit_log", Column("entry", String(200), nullable=False))
loyalty_points = _effect("loyalty_points", Column("points", Integer, nullable=False))

effects_seen = _table(
    "effects_seen",
    Column("sandbox", String(20), primary_key=True),
    Column("key", String(100), primary_key=True),
)

repeatable_requests = _table(
    "repeatable_requests",
    Column("sandbox", String(20), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("status", Integer),
    Column("answer", JSON),
)

workers = _table(
    "workers",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("name", String(20), nullable=False),
    Column("rq_name", String(80), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("supervisor", String(80), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, index=True),
    Column("leaving", Boolean, nullable=False, default=False),
    Column("crashed", Boolean),
    Column("held", String(60)),
    Column("back_at", UtcDateTime),
)

crashes = _table(
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

floods = _table(
    "floods",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("per_second", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("checkout", String(10), nullable=False, server_default="later"),
    Column("token", String(200), nullable=False),
    Column("placed", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("stop_at", UtcDateTime),
    Column("ended_at", UtcDateTime, index=True),
)

# What a visitor committed to: a prediction before a run, an observation after it.
commitments = _table(
    "commitments",
    Column("sandbox", String(20), primary_key=True),
    Column("lab", String(40), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("choice", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Every answer to a quick check, also the repeated ones.
answers = _table(
    "answers",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("lesson", String(40), nullable=False),
    Column("question", String(40), nullable=False),
    Column("option", String(40), nullable=False),
    Column("confidence", String(20)),
    Column("correct", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("answers_by_lesson", "sandbox", "lesson", "question"),
)

# When a reader opened a lesson first.
lessons_read = _table(
    "lessons_read",
    Column("sandbox", String(20), primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# A round of the practice: the questions that it asks, in order; its answers are those given since it began.
practice_rounds = _table(
    "practice_rounds",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("questions", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
)

# Four words that bring a reader's progress to another device; only their digest is kept.
resume_codes = _table(
    "resume_codes",
    Column("digest", String(64), primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# "Was this helpful?": the last word of each reader on each lesson.
remarks = _table(
    "remarks",
    Column("sandbox", String(20), primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("remark", Text),
    Column("at", UtcDateTime, nullable=False),
)

# The discussion under each lesson.
posts = _table(
    "posts",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("lesson", String(40), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("hidden_at", UtcDateTime),
)

# Who asked the operator to look at a post; once a reader.
post_reports = _table(
    "post_reports",
    Column("post", Integer, primary_key=True),
    Column("sandbox", String(20), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
