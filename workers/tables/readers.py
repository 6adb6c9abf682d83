"""What readers did and said: kept under their sandbox."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Text

from workers.database import UtcDateTime
from workers.tables.base import table

# What a visitor committed to: a prediction before a run, an observation after it.
commitments = table(
    "commitments",
    Column("sandbox", String(20), primary_key=True),
    Column("lab", String(40), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("choice", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Every answer to a quick check, also the repeated ones.
answers = table(
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
lessons_read = table(
    "lessons_read",
    Column("sandbox", String(20), primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# A round of the practice: the questions that it asks, in order; its answers are those given since it began.
practice_rounds = table(
    "practice_rounds",
    Column("id", Integer, primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("questions", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
)

# Four words that bring a reader's progress to another device; only their digest is kept.
resume_codes = table(
    "resume_codes",
    Column("digest", String(64), primary_key=True),
    Column("sandbox", String(20), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# "Was this helpful?": the last word of each reader on each lesson.
remarks = table(
    "remarks",
    Column("sandbox", String(20), primary_key=True),
    Column("lesson", String(40), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("remark", Text),
    Column("at", UtcDateTime, nullable=False),
)

# The discussion under each lesson.
posts = table(
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
post_reports = table(
    "post_reports",
    Column("post", Integer, primary_key=True),
    Column("sandbox", String(20), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
