"""Incident drills: what each is about, how far it is, and what its reader guessed."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String

from workers.database import UtcDateTime
from workers.tables.base import table

drills = table(
    "drills",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),  # "quiet" | "faulty" | "mended" | "over"
    Column("speed", Float, nullable=False),
    Column("before", JSON, nullable=False),  # the settings that come back at the end
    Column("token", String(200), nullable=False),  # with which its customers act
    Column("started_at", UtcDateTime, nullable=False),
    Column("inject_at", UtcDateTime, nullable=False),
    Column("injected_at", UtcDateTime),
    Column("cured_at", UtcDateTime),  # the fault itself was over
    Column("mended_at", UtcDateTime),  # and the traffic was served again
    Column("ended_at", UtcDateTime),
    Column("how", String(12)),  # it ended: "mended" | "gave up" | "calm" | "time was up"
    Column("signs", JSON),  # the figures that showed it; kept, because samples are forgotten
    Index("drills_by_state", "state"),
    Index("drills_of_sandbox", "sandbox", "id"),
)

drill_guesses = table(
    "drill_guesses",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("drill", Integer, nullable=False),
    Column("guess", String(20), nullable=False),
    Column("right", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
