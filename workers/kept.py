"""All that the ledger keeps of one reader, in words that explain themselves, for her to take along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select

from workers import tables
from workers.database import read
from workers.tables import event_log

Names = Mapping[str, str]

# Section → its table, and the name of each column that a reader is given; no section shows her sandbox again and again.
SECTIONS: dict[str, tuple[Table, Names]] = {
    "lessons_opened": (tables.lessons_read, {"lesson": "lesson", "at": "first_opened_at"}),
    "answers": (
        tables.answers,
        {
            "lesson": "lesson",
            "question": "question",
            "option": "chosen_option",
            "confidence": "how_sure",
            "correct": "was_correct",
            "at": "answered_at",
        },
    ),
    "practice_rounds": (tables.practice_rounds, {"questions": "questions", "started_at": "started_at"}),
    "predictions_and_observations": (
        tables.commitments,
        {"lab": "lab", "kind": "kind", "choice": "choice", "at": "said_at"},
    ),
    "remarks": (
        tables.remarks,
        {"lesson": "lesson", "helpful": "was_helpful", "remark": "remark", "at": "written_at"},
    ),
    "posts": (
        tables.posts,
        {
            "id": "post",
            "lesson": "lesson",
            "name": "shown_under_the_name",
            "text": "text",
            "at": "written_at",
            "hidden_at": "hidden_at",
        },
    ),
    "posts_reported": (tables.post_reports, {"post": "post", "at": "reported_at"}),
    "resume_codes": (tables.resume_codes, {"made_at": "made_at", "expires_at": "expires_at"}),
    "orders": (
        tables.orders,
        {
            "number": "order",
            "checkout": "checkout",
            "email": "customers_email",
            "race": "race",
            "later": "steps_done_later",
            "trade": "trade",
            "placed_at": "placed_at",
            "answered_at": "customer_answered_at",
            "waited_s": "customer_waited_s",
            "cut_off_at": "cut_off_at",
        },
    ),
    "emails_received": (
        tables.emails,
        {
            "order": "order",
            "recipient": "to",
            "subject": "subject",
            "body": "text",
            "message_id": "message_id",
            "at": "received_at",
        },
    ),
    "crashes_wished": (
        tables.crashes,
        {"victim": "victim", "place": "at", "state": "state", "worker": "worker", "wished_at": "wished_at"},
    ),
    "floods": (
        tables.floods,
        {
            "per_second": "per_second",
            "seconds": "for_seconds",
            "checkout": "checkout",
            "kind": "of_what",
            "manner": "how_they_came",
            "placed": "placed",
            "refused": "refused",
            "started_at": "started_at",
            "ended_at": "ended_at",
        },
    ),
}
# What the machine did with the orders: its receipts are files, and all of it is told by the record of events.
MACHINERY = frozenset(
    {
        *(
            "events",
            "outbox",
            "payments",
            "receipts",
            "stock_movements",
            "analytics",
            "deliveries",
            "audit_log",
            "parts",
        ),
        *("loyalty_points", "effects_seen", "repeatable_requests", "workers", "freezes", "outages"),
        *("mischief", "holds", "standing", "fences", "tills", "tickets", "counted_events", "partner_calls"),
        *("visitor_runs", "visits"),
        *("dead_letters", "replays", "samples", "alerts", "shared_views"),
        *("drills", "drill_guesses"),  # told by workers.drills.scores, which keeps the secret of one under way
    }
)


def everything(sandbox: str) -> dict[str, list[dict[str, Any]]]:
    """Every section with all of its rows, oldest first; moments are ISO 8601 in UTC."""
    with read() as db:
        return {
            section: [
                {name: _plain(row[column]) for column, name in names.items()}
                for row in db.execute(_rows(table, sandbox)).mappings()
            ]
            for section, (table, names) in SECTIONS.items()
        }


def happened(sandbox: str, *types: str) -> dict[str, int]:
    """How many events of each of these types are in a reader's record."""
    mine = event_log.c.sandbox == sandbox, event_log.c.type.in_(types), event_log.c.drill.is_(None)
    with read() as db:
        rows = db.execute(select(event_log.c.type, func.count()).where(*mine).group_by(event_log.c.type))
        return dict.fromkeys(types, 0) | {row[0]: int(row[1]) for row in rows}


def _rows(table: Table, sandbox: str) -> Any:
    mine = select(table).where(table.c.sandbox == sandbox)
    moments = [
        column for name in ("at", "made_at", "started_at", "wished_at") if (column := table.c.get(name)) is not None
    ]
    return mine.order_by(*moments, *table.primary_key.columns)


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if isinstance(value, datetime) else value
