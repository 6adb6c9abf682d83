"""The calls that really reached the partner, as its own server wrote them down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from workers.database import read
from workers.tables import deliveries
from workers.tables import partner_calls as rows


@dataclass(frozen=True)
class Call:
    """One call; `status` is what the partner answered, whether or not its caller still listened."""

    order: int
    at: datetime
    status: int


def about(sandbox: str, first: int, last: int, since: datetime) -> tuple[Call, ...]:
    """Those about the orders from `first` to `last` that came since a moment, oldest first; kept for a quarter hour."""
    theirs = (rows.c.sandbox == sandbox, rows.c.at >= since, rows.c.order.between(first, last))
    with read() as db:
        found = db.execute(select(rows.c.order, rows.c.at, rows.c.status).where(*theirs).order_by(rows.c.at))
        return tuple(Call(row.order, row.at, row.status) for row in found)


def delivered(sandbox: str, first: int, last: int) -> list[int]:
    """The order of each delivery that the partner has of these orders; one that it has twice is there twice."""
    theirs = (deliveries.c.sandbox == sandbox, deliveries.c.order.between(first, last))
    with read() as db:
        return list(db.execute(select(deliveries.c.order).where(*theirs)).scalars())
