"""The line of experiments, and what came of each: it outlives the sandbox in which it was run."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, String

from workers.database import UtcDateTime
from workers.tables.base import partly, table

experiments = table(
    "experiments",
    Column("id", String(20), primary_key=True),
    Column("question", String(90), nullable=False),  # a lesson's slug or "practice", a slash, and the question's id
    Column("option", String(40), nullable=False),
    Column("asker", String(20), nullable=False),  # the reader's sandbox, in which nothing of it happens
    Column("stage", String(20), nullable=False),  # the sandbox of its own, deleted when it is over
    Column("token", String(200), nullable=False),
    Column("scenario", JSON, nullable=False),
    Column("changes", JSON, nullable=False),  # the settings that a curious reader changed
    Column("as_written", Boolean, nullable=False),  # she changed none
    Column("seed", Integer, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("began_at", UtcDateTime),
    Column("runner", String(80)),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(12)),  # "shown" | "not_shown" | "cannot_tell"
    Column("reason", String(300)),  # why it cannot be told
    Column("figures", JSON),
    Column("course", JSON),  # how many messages waited, were done, …, over time
    Column("events", Integer),  # how many there were, of which the record may hold the first and the last ones only
    Column("record", LargeBinary),  # JSON, compressed
    Index("experiments_waiting", "asked_at", **partly("began_at IS NULL")),
    Index("experiments_open", "asker", **partly("ended_at IS NULL")),
    Index("experiments_of_reader", "asker", "question", "asked_at"),
    Index("experiments_by_option", "question", "option", "ended_at"),
)
