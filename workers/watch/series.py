"""What was measured of a sandbox, second by second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from workers.database import read, utc_now
from workers.tables import samples

TEN_MINUTES_S = 600
LONGEST_HOLE_S = 6  # between two samples; a longer one is a gap in which nothing was measured
_COLUMNS = [column for column in samples.c if column.name != "sandbox"]


@dataclass(frozen=True)
class Sample:
    """What was measured at one second; the counts of messages and the waits are of the time since the one before."""

    second: int  # since 1970
    depth: int = 0
    oldest_age_s: float | None = None  # None while nothing waits
    came_in: int = 0
    went_out: int = 0
    busy: int = 0
    alive: int = 0
    scheduled: int = 0
    dead: int = 0
    lost: int = 0
    duplicated: int = 0
    wait_now_s: float | None = None  # None when no such customer was answered
    wait_later_s: float | None = None
    small_in: int = 0  # of tickets, counted in the small messages that they carry
    small_out: int = 0
    shed: int = 0
    refused: int = 0
    memory_bytes: int = 0  # what waits takes at the broker, estimated from the first and the last of each queue
    wait_payments_s: float | None = None  # mean wait of the tickets that were counted
    wait_analytics_s: float | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.second, UTC)


def series(sandbox: str, until: float | None = None, seconds: int = TEN_MINUTES_S) -> tuple[Sample, ...]:
    """What was measured in the last `seconds` up to `until` (seconds since 1970; None is now), oldest first."""
    last = int(utc_now().timestamp() if until is None else until)
    mine = samples.c.sandbox == sandbox, samples.c.second > last - seconds, samples.c.second <= last
    with read() as db:
        return tuple(Sample(*row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(samples.c.second)))
