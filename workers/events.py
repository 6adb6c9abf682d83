"""The only door out: what happened, append-only, in the past tense.

Every picture on every page and every verdict is computed from these records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, func, insert, select

from workers.database import begin, in_commit_order, read, utc_now
from workers.tables import event_log

_COLUMNS = ("order", "message", "worker", "step", "attempt")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact of one sandbox; `sequence` and `at` are filled in by the log when it is read back."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    order: int | None = None
    message: str | None = None
    worker: str | None = None
    step: str | None = None
    attempt: int | None = None
    sequence: int = 0
    at: datetime | None = None

    def __init_subclass__(cls) -> None:
        Event.kinds[cls.__name__] = cls

    @property
    def type(self) -> str:
        return type(self).__name__

    @property
    def details(self) -> dict[str, Any]:
        """The fields that only this kind of event has."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _COMMON}

    def as_json(self) -> dict[str, Any]:
        """The event as the contract shows it; `at` is ISO 8601 in UTC with milliseconds."""
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if self.at else None
        common = {name: getattr(self, name) for name in _COLUMNS}
        return {"sequence": self.sequence, "at": at, "type": self.type, **common, **self.details}


_APPEND = insert(event_log)
_COMMON = frozenset(f.name for f in fields(Event))


@dataclass(frozen=True, kw_only=True)
class CheckoutStarted(Event):
    """A customer pressed the button: her wait begins here."""

    checkout: str  # "now" | "later"
    race: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerAnswered(Event):
    """The customer's wait ended, after `waited_s` seconds, with success, a declined card or a failure."""

    checkout: str
    outcome: str  # "success" | "declined" | "failed"
    waited_s: float


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """The order row is committed (with its message, when the rest is done later)."""

    checkout: str


@dataclass(frozen=True, kw_only=True)
class StepStarted(Event):
    where: str  # "request" | "worker"


@dataclass(frozen=True, kw_only=True)
class StepFinished(Event):
    where: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class StepFailed(Event):
    where: str
    error: str


@dataclass(frozen=True, kw_only=True)
class DuplicateSuppressed(Event):
    """A receiver recognised the idempotency key and did not repeat the effect."""

    key: str


@dataclass(frozen=True, kw_only=True)
class MessageEnqueued(Event):
    queue: str


@dataclass(frozen=True, kw_only=True)
class MessageTaken(Event):
    """A worker holds the message under a lease of `lease_s` seconds, which it keeps renewing."""

    lease_s: int


@dataclass(frozen=True, kw_only=True)
class MessageAcknowledged(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class MessageRedelivered(Event):
    """The message is back at the head of its queue; `reason` is "lease expired", "never started" or "orphaned"."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestRefused(Event):
    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkerStarted(Event):
    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerStopped(Event):
    """The worker ended because it was asked to: fewer are wished for, or the sandbox went to sleep."""

    pid: int


@dataclass(frozen=True, kw_only=True)
class WorkerCrashed(Event):
    """The process died; what it held comes back at `back_at` (ISO 8601), when the lease expires."""

    pid: int
    signal: str
    back_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class CrashArmed(Event):
    place: str


@dataclass(frozen=True, kw_only=True)
class FloodStarted(Event):
    per_second: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class FloodEnded(Event):
    placed: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class SettingsChanged(Event):
    changes: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CalmRestored(Event):
    pass


def append(sandbox: str, *happened: Event, db: Connection | None = None) -> list[Event]:
    """Add events to the sandbox's record, in the caller's transaction when it passes one; they now have their time."""
    if db is None:
        with begin() as own:
            return append(sandbox, *happened, db=own)
    in_commit_order(db)
    at = utc_now()
    db.execute(_APPEND, [_row(sandbox, at, event) for event in happened])
    return [replace(event, at=at) for event in happened]


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


def latest_steps(sandbox: str, orders: Sequence[int]) -> dict[tuple[int, str], Event]:
    """The step that each worker began last at each of these orders, by order and worker."""
    if not orders:
        return {}
    started = _read(_of(sandbox).where(event_log.c.order.in_(orders), event_log.c.type == "StepStarted"))
    return {(event.order, event.worker): event for event in started if event.order and event.worker}


def newest(sandboxes: Sequence[str]) -> dict[str, int]:
    """The last sequence number of each sandbox that has one."""
    last = select(event_log.c.sandbox, func.max(event_log.c.sequence))
    with read() as db:
        rows = db.execute(last.where(event_log.c.sandbox.in_(sandboxes)).group_by(event_log.c.sandbox))
        return {row[0]: row[1] for row in rows}


def _of(sandbox: str) -> Select[Any]:
    return select(event_log).where(event_log.c.sandbox == sandbox).order_by(event_log.c.sequence)


def _read(chosen: Select[Any]) -> list[Event]:
    with read() as db:
        return [_event(row) for row in db.execute(chosen)]


def _row(sandbox: str, at: datetime, event: Event) -> dict[str, Any]:
    common = {name: getattr(event, name) for name in _COLUMNS}
    race = getattr(event, "race", None)
    return {"sandbox": sandbox, "at": at, "type": event.type, "race": race, **common, "details": event.details}


def _event(row: Any) -> Event:
    common = {name: getattr(row, name) for name in _COLUMNS}
    kind = Event.kinds[row.type]
    return kind(sequence=row.sequence, at=row.at, **common, **row.details)
