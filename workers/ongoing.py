"""The faults that are in force in a sandbox just now, and until when each of them lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select

from workers.breaker import FORGOTTEN_AFTER_S
from workers.database import read, utc_now
from workers.fleet import ARMED_FOR_S
from workers.tables import crashes, event_log, floods, freezes, holds, outages, workers

REMEMBERED = timedelta(seconds=FORGOTTEN_AFTER_S)

# A frozen worker that was killed needs no thaw.
LIVES = exists().where(
    workers.c.sandbox == freezes.c.sandbox, workers.c.pid == freezes.c.pid, workers.c.ended_at.is_(None)
)


@dataclass(frozen=True)
class Ongoing:
    """One fault; `what` says who, where or how.

    `kind` is "crash" or "stop" (armed), "freeze", "hold", "flood", "outage" or "circuit" (the breaker's, not closed).
    """

    kind: str
    what: str
    until: datetime


def ongoing(sandbox: str) -> tuple[Ongoing, ...]:
    """All of them, the one that ends first in front."""
    now = utc_now()
    with read() as db:
        found = [each for query, told in _of(sandbox) for each in map(told, db.execute(query))]
    return tuple(sorted((each for each in found if each.until > now), key=lambda each: each.until))


def _of(sandbox: str) -> list[tuple[Any, Any]]:
    """A query for each kind, and what a row of it means."""
    return [
        (
            select(crashes).where(crashes.c.sandbox == sandbox, crashes.c.state == "armed"),
            lambda row: Ongoing("crash", row.place, row.wished_at + timedelta(seconds=ARMED_FOR_S)),
        ),
        (
            select(freezes).where(freezes.c.sandbox == sandbox, freezes.c.state == "armed"),
            lambda row: Ongoing("stop", row.place, row.wished_at + timedelta(seconds=ARMED_FOR_S)),
        ),
        (
            select(freezes).where(freezes.c.sandbox == sandbox, freezes.c.state == "frozen", LIVES),
            lambda row: Ongoing("freeze", row.worker, row.until),
        ),
        (
            select(holds).where(holds.c.sandbox == sandbox, holds.c.ended_at.is_(None)),
            lambda row: Ongoing("hold", row.step, row.until),
        ),
        (
            select(floods).where(floods.c.sandbox == sandbox, floods.c.ended_at.is_(None)),
            lambda row: Ongoing("flood", str(row.per_second), row.started_at + timedelta(seconds=row.seconds)),
        ),
        (
            select(outages).where(outages.c.sandbox == sandbox, outages.c.ended_at.is_(None)),
            lambda row: Ongoing("outage", row.partner, row.until),
        ),
        (_newest_of_circuit(sandbox), _circuit),
    ]


def _newest_of_circuit(sandbox: str) -> Select[Any]:
    """What the circuit breaker did last, if that was not to close; each question is one look into the index."""
    log, since = event_log.c, utc_now() - REMEMBERED
    closed = select(func.max(log.at)).where(log.sandbox == sandbox, log.type == "CircuitClosed").scalar_subquery()
    not_closed = (log.sandbox == sandbox, log.type.in_(("CircuitOpened", "CircuitHalfOpened")))
    later = (log.at > since, log.at > func.coalesce(closed, since))
    return select(event_log).where(*not_closed, *later).order_by(log.at.desc()).limit(1)


def _circuit(row: Any) -> Ongoing:
    """Open until its next trial may begin; after that, until a message comes for it."""
    trial = row.at + timedelta(seconds=row.details.get("for_s", 0))
    if row.type == "CircuitOpened" and trial > utc_now():
        return Ongoing("circuit", "open", trial)
    now = "waits for its trial call" if row.type == "CircuitOpened" else "half open"
    return Ongoing("circuit", now, row.at + REMEMBERED)
