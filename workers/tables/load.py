"""What the labs of load keep: who came to look at the list of what sold best, and how long they waited."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String

from workers.database import UtcDateTime
from workers.tables.base import table

visitor_runs = table(
    "visitor_runs",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("per_second", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("token", String(200), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("stop_at", UtcDateTime),
    Column("ended_at", UtcDateTime, index=True),
)

visits = table(
    "visits",
    Column("sandbox", String(20), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("came_s", Float, nullable=False),
    Column("waited_s", Float, nullable=False),
    Column("how", String(10), nullable=False),
    Column("age_s", Float),
)
