"""The control room: retries and dead letters, freezes and outages, samples and alerts"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", _at("due_at", nullable=True))
    op.add_column("outbox", _at("dead_at", nullable=True))
    _what_is_counted()
    op.create_index("events_of_type", "events", ["sandbox", "type", "at"])
    op.add_column("workers", _at("frozen_at", nullable=True))
    op.create_table(
        "freezes",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("sandbox", 20),
        _text("victim", 20),
        _text("state", 10),
        sa.Column("worker", sa.String(length=20)),
        sa.Column("pid", sa.Integer()),
        _at("wished_at"),
        _at("until"),
    )
    op.create_index("freezes_by_state", "freezes", ["state", "sandbox"])
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        _text("partner", 10),
        _at("started_at"),
        _at("until"),
        sa.Column("ended_at", sa.DateTime(timezone=True), index=True),
    )
    op.create_table(
        "mischief",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("sandbox", 20),
        _text("kind", 12),
        _at("at"),
    )
    op.create_index("mischief_by_sandbox", "mischief", ["sandbox", "at"])
    _dead_letters()
    _what_is_measured()


def _what_is_counted() -> None:
    """The indexes in which the ledger counts."""
    op.drop_index("outbox_open", "outbox")
    still_open = ["sandbox", "dead_at", "due_at", "committed_at", "message"]
    op.create_index("outbox_open", "outbox", still_open, **_partly("closed_at IS NULL"))
    designed = "closed_at IS NULL AND kind = 'CompleteDesign'"
    op.create_index("outbox_designed", "outbox", ["sandbox", "closed_at", "kind"], **_partly(designed))
    op.create_index("outbox_closed", "outbox", ["sandbox", "closed_at", "dead_at"])
    op.create_index("outbox_by_commit", "outbox", ["sandbox", "committed_at"])
    op.create_index("orders_unanswered", "orders", ["sandbox"], **_partly("answered_at IS NULL"))
    no_message = "checkout = 'now' OR later IS NOT NULL"
    op.create_index("orders_without_message", "orders", ["sandbox"], **_partly(no_message))
    op.drop_index("events_of_races", "events")
    op.create_index("events_of_races", "events", ["sandbox", "sequence"], **_partly("race IS NOT NULL"))


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("message", sa.String(length=60), primary_key=True),
        _text("sandbox", 20),
        _count("order"),
        sa.Column("step", sa.String(length=20)),
        _text("error_group", 100),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False),
        _count("attempts"),
        _at("first_failed_at"),
        _at("dead_at"),
        sa.Column("deleted_at", sa.DateTime(timezone=True), index=True),
    )
    op.create_index("dead_letters_by_group", "dead_letters", ["sandbox", "deleted_at", "error_group", "dead_at"])
    op.create_index("dead_letters_by_age", "dead_letters", ["sandbox", "deleted_at", "dead_at"])
    op.create_table(
        "replays",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        *(_count(name) for name in ("total", "replayed", "skipped")),
        _at("started_at"),
        _at("stop_at", nullable=True),
        _at("ended_at", nullable=True),
    )


def _what_is_measured() -> None:
    op.create_table(
        "samples",
        sa.Column("sandbox", sa.String(length=20), primary_key=True),
        sa.Column("second", sa.Integer(), primary_key=True),
        _count("depth"),
        sa.Column("oldest_age_s", sa.Float()),
        *(_count(name) for name in ("came_in", "went_out", "busy", "alive", "scheduled", "dead", "lost", "duplicated")),
        sa.Column("wait_now_s", sa.Float()),
        sa.Column("wait_later_s", sa.Float()),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("sandbox", 20),
        _text("rule", 40),
        _at("fired_at"),
        _at("resolved_at", nullable=True),
    )
    op.create_index("alerts_by_sandbox", "alerts", ["sandbox", "resolved_at", "rule"])
    op.create_table(
        "shared_views",
        sa.Column("id", sa.String(length=20), primary_key=True),
        sa.Column("sandbox", sa.String(length=20), nullable=False, index=True),
        _at("made_at"),
        sa.Column("content", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    for table in ("shared_views", "alerts", "samples", "replays", "dead_letters", "outages", "mischief", "freezes"):
        op.drop_table(table)
    op.drop_column("workers", "frozen_at")
    for index in ("events_of_type", "events_of_races"):
        op.drop_index(index, "events")
    op.create_index("events_of_races", "events", ["sandbox", "race", "sequence"])
    for index in ("orders_without_message", "orders_unanswered"):
        op.drop_index(index, "orders")
    for index in ("outbox_by_commit", "outbox_closed", "outbox_designed", "outbox_open"):
        op.drop_index(index, "outbox")
    op.create_index("outbox_open", "outbox", ["closed_at", "sandbox"])
    for column in ("dead_at", "due_at", "failures"):
        op.drop_column("outbox", column)


def _at(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _partly(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
