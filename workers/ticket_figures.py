"""What became of the tickets that came within a time: for the labs, which compare one run with another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from workers.database import read
from workers.tables import tickets


@dataclass(frozen=True)
class Figures:
    """Tickets about one thing, counted in the small messages that they carry; times in seconds."""

    accepted: int = 0
    counted: int = 0
    shed: int = 0
    open: int = 0
    mean_wait_s: float | None = None  # of the counted, until a worker began
    longest_wait_s: float | None = None
    worked_s: float | None = None  # on one ticket, the mean
    outside_s: float | None = None  # of that: waiting for somebody else's server
    tickets: int = 0  # that were counted
    last_closed_at: datetime | None = None

    @property
    def drained(self) -> bool:
        return self.open == 0


def of_time(sandbox: str, since: datetime, until: datetime) -> dict[str, Figures]:
    """By what they are about: the tickets that were accepted within that time."""
    at, small = tickets.c, tickets.c.events
    counted = at.closed_at.is_not(None) & ~at.shed
    sums = (
        func.sum(small),
        func.sum(case((counted, small), else_=0)),
        func.sum(case((at.closed_at.is_not(None) & at.shed, small), else_=0)),
        func.sum(case((at.closed_at.is_(None), small), else_=0)),
        func.avg(case((counted, at.waited_s))),
        func.max(case((counted, at.waited_s))),
        func.avg(case((counted, at.worked_s))),
        func.avg(case((counted, at.outside_s))),
        func.sum(case((counted, 1), else_=0)),
        func.max(at.closed_at),
    )
    mine = at.sandbox == sandbox, at.committed_at >= since, at.committed_at <= until
    with read() as db:
        rows = db.execute(select(at.about, *sums).where(*mine).group_by(at.about)).all()
    return {row[0]: Figures(*row[1:]) for row in rows}


def counted(sandbox: str, since: datetime, until: datetime) -> dict[str, int]:
    """By what they are about: how many small messages were counted within that time."""
    at = tickets.c
    mine = at.sandbox == sandbox, at.closed_at > since, at.closed_at <= until, ~at.shed
    with read() as db:
        return dict(db.execute(select(at.about, func.sum(at.events)).where(*mine).group_by(at.about)).all())


def waiting(sandbox: str) -> int:
    """Tickets that are still to be done, now."""
    with read() as db:
        open_ones = select(func.count()).where(tickets.c.sandbox == sandbox, tickets.c.closed_at.is_(None))
        return int(db.execute(open_ones).scalar_one())
