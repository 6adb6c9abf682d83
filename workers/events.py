"""The only door out: what happened, append-only, in the past tense.

Every picture on every page and every verdict is computed from these records.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Select, func, insert, literal, select

from workers import veil
from workers.database import UtcDateTime, begin, in_commit_order, read, utc_now
from workers.event_types import *  # noqa: F403 (each kind is named events.ItsName, wherever it is defined)
from workers.event_types import COLUMNS, Event
from workers.house_events import *  # noqa: F403
from workers.tables import event_log
from workers.tables import sandboxes as rows
from workers.ticket_events import *  # noqa: F403

_APPEND = insert(event_log)


def append(sandbox: str, *happened: Event, db: Connection | None = None) -> list[Event]:
    """Add events to the sandbox's record, in the caller's transaction when it passes one; they now have their time."""
    if db is None:
        with begin() as own:
            return append(sandbox, *happened, db=own)
    if not happened:
        return []
    in_commit_order(db)
    at, drill = utc_now(), veil.over(db, sandbox, happened)
    db.execute(_APPEND, [_row(sandbox, at, event, drill) for event in happened])
    return [replace(event, at=at) for event in happened]


def append_for_each(db: Connection, sandbox: str, event: Event, about: Select[Any]) -> None:
    """Add the same event for each (order, message) that is selected, in that order: thousands in one statement."""
    in_commit_order(db)
    common: list[Any] = [
        literal(sandbox),
        literal(utc_now(), UtcDateTime),
        literal(event.type),
        literal(event.details, JSON),
    ]
    names = ["order", "message", "sandbox", "at", "type", "details"]
    db.execute(insert(event_log).from_select(names, about.add_columns(*common)))


def after(sequence: int, sandbox: str, limit: int = 1000) -> list[Event]:
    """Events of one sandbox with a greater sequence number, oldest first, at most `limit`."""
    return _read(_of(sandbox).where(event_log.c.sequence > sequence).limit(limit))


def of_orders(sandbox: str, orders: Sequence[int]) -> list[Event]:
    """Everything that happened to these orders, oldest first."""
    return _read(_of(sandbox).where(event_log.c.order.in_(orders)))


def of_latest_race(sandbox: str) -> tuple[Event, ...]:
    """Everything that happened to the two orders of the newest race; nothing before the first."""
    starts = _of(sandbox).where(event_log.c.type == "CheckoutStarted", event_log.c.race.is_not(None))
    newest = starts.order_by(None).order_by(event_log.c.sequence.desc()).limit(2)
    with read() as db:
        rows = db.execute(newest).all()
    orders = [row.order for row in rows if row.race == rows[0].race]
    return tuple(of_orders(sandbox, orders)) if orders else ()


def of_types(sandbox: str, types: Collection[str], after: int = 0) -> list[Event]:
    """Every event of these types with a greater sequence number, oldest first."""
    return _read(_of(sandbox).where(event_log.c.type.in_(types), event_log.c.sequence > after))


def between(sandbox: str, since: datetime, until: datetime, types: Collection[str]) -> list[Event]:
    """Events of these types from one moment to another, oldest first."""
    mine = _of(sandbox).where(event_log.c.type.in_(types), event_log.c.at >= since, event_log.c.at <= until)
    return _read(mine)


def latest_steps(sandbox: str, orders: Sequence[int]) -> dict[tuple[int, str], Event]:
    """The step that each worker began last at each of these orders, by order and worker."""
    if not orders:
        return {}
    started = _read(_of(sandbox).where(event_log.c.order.in_(orders), event_log.c.type == "StepStarted"))
    return {(event.order, event.worker): event for event in started if event.order and event.worker}


def newest(sandboxes: Sequence[str]) -> dict[str, int]:
    """The last sequence number of each sandbox that has one."""
    # One by one, each is one step in the index; grouped, all events would be gone through.
    last = select(func.max(event_log.c.sequence)).where(event_log.c.sandbox == rows.c.id).scalar_subquery()
    with read() as db:
        found = db.execute(select(rows.c.id, last).where(rows.c.id.in_(sandboxes)))
        return {row[0]: row[1] for row in found if row[1] is not None}


def _of(sandbox: str) -> Select[Any]:
    mine = select(event_log).where(event_log.c.sandbox == sandbox, event_log.c.drill.is_(None))
    return mine.order_by(event_log.c.sequence)


def _read(chosen: Select[Any]) -> list[Event]:
    with read() as db:
        return [_event(row) for row in db.execute(chosen)]


def _row(sandbox: str, at: datetime, event: Event, drill: int | None) -> dict[str, Any]:
    common = {name: getattr(event, name) for name in COLUMNS}
    race = getattr(event, "race", None)
    kept = {"sandbox": sandbox, "at": at, "type": event.type, "race": race, **common, "details": event.details}
    return kept | {"drill": drill if veil.hides(event) else None}


def _event(row: Any) -> Event:
    common = {name: getattr(row, name) for name in COLUMNS}
    kind = Event.kinds[row.type]
    return kind(sequence=row.sequence, at=row.at, **common, **row.details)
