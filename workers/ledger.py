"""The ledger of a sandbox: where its orders are, and what really happened to them, counted from rows and effects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select, union

from workers import tables
from workers.database import read, utc_now
from workers.snapshot import Ledger, Ticket
from workers.tables import orders, outbox

RATE_OVER_S = 10
# A request that has not answered by then was cut off: nobody does the rest of its order.
REQUEST_LASTS_AT_MOST_S = 60
# The effects of the seven later steps; stock is one row a system and a line.
EFFECTS = {
    tables.emails: 1,
    tables.receipts: 1,
    tables.stock_movements: 6,
    tables.analytics: 1,
    tables.deliveries: 1,
    tables.audit_log: 1,
    tables.loyalty_points: 1,
}

# Without a message, all steps of an order are its request's.
_SAME_ORDER = (outbox.c.sandbox == orders.c.sandbox) & (outbox.c.order == orders.c.number)
_HAS_MESSAGE = exists().where(_SAME_ORDER)


@dataclass(frozen=True)
class Books:
    """What the database knows of a sandbox at one moment."""

    open: list[Row[Any]]  # outbox rows not yet closed, oldest first
    placed: int
    done: int
    unanswered: int
    lost: int
    duplicated: int
    refused: int
    in_per_s: float
    out_per_s: float
    acknowledged: int
    latest: tuple[Ticket, ...]

    def ledger(self, leased: set[str]) -> Ledger:
        """Split the open messages by what the broker says: under a lease, or waiting."""
        running = sum(row.message in leased for row in self.open)
        return Ledger(
            placed=self.placed,
            done=self.done,
            waiting=len(self.open) - running,
            running=running + self.unanswered,
            refused=self.refused,
            lost=self.lost,
            duplicated=self.duplicated,
        )


def read_books(sandbox: str) -> Books:
    """Count everything in one consistent look at the database."""
    mine = orders.c.sandbox == sandbox
    since = utc_now() - timedelta(seconds=RATE_OVER_S)
    with read() as db:
        closed = outbox.c.closed_at.is_not(None)
        still_open = list(
            db.execute(select(outbox).where(outbox.c.sandbox == sandbox, ~closed).order_by(outbox.c.committed_at))
        )
        placed = _count(db, select(func.count()).select_from(orders).where(mine)) + _promised(db, sandbox)
        unanswered, cut_off = _requests_without_answer(db, sandbox)
        finished = placed - len(still_open) - unanswered
        lost = _finished_without_effects(db, sandbox) + cut_off
        return Books(
            open=still_open,
            placed=placed,
            done=finished - lost,
            unanswered=unanswered,
            lost=lost,
            duplicated=_with_repeated_effects(db, sandbox),
            refused=_count(db, _events(sandbox, "RequestRefused")),
            in_per_s=_rate(db, sandbox, outbox.c.committed_at, since),
            out_per_s=_rate(db, sandbox, outbox.c.closed_at, since),
            acknowledged=_count(db, select(func.count()).where(outbox.c.sandbox == sandbox, closed)),
            latest=_latest_done(db, sandbox),
        )


def count_harm(sandbox: str) -> tuple[int, int]:
    """How many orders are lost, and of how many an effect exists more than once."""
    with read() as db:
        _, cut_off = _requests_without_answer(db, sandbox)
        return _finished_without_effects(db, sandbox) + cut_off, _with_repeated_effects(db, sandbox)


def _promised(db: Connection, sandbox: str) -> int:
    """Orders of which only the message exists: a reader's design left their row to a worker, who has yet to make it."""
    bare = select(func.count()).select_from(outbox).where(outbox.c.sandbox == sandbox, outbox.c.closed_at.is_(None))
    return _count(
        db, bare.where(~exists().where(orders.c.sandbox == outbox.c.sandbox, orders.c.number == outbox.c.order))
    )


def _requests_without_answer(db: Connection, sandbox: str) -> tuple[int, int]:
    """Orders of a request that is still at work, and of requests that were cut off."""
    unanswered = select(orders.c.placed_at).where(orders.c.sandbox == sandbox, orders.c.answered_at.is_(None))
    limit = utc_now() - timedelta(seconds=REQUEST_LASTS_AT_MOST_S)
    times = list(db.execute(unanswered.where(~_HAS_MESSAGE)).scalars())
    cut_off = sum(placed_at < limit for placed_at in times)
    return len(times) - cut_off, cut_off


def _finished_without_effects(db: Connection, sandbox: str) -> int:
    """Orders that count as finished although an effect of theirs does not exist."""
    closed = exists().where(_SAME_ORDER, outbox.c.closed_at.is_not(None))
    finished = closed | (orders.c.answered_at.is_not(None) & ~_HAS_MESSAGE)
    complete: ColumnElement[bool] = exists().where(
        tables.emails.c.sandbox == sandbox, tables.emails.c.order == orders.c.number
    )
    for table in list(EFFECTS)[1:]:
        complete = complete & exists().where(table.c.sandbox == sandbox, table.c.order == orders.c.number)
    return _count(db, select(func.count()).select_from(orders).where(orders.c.sandbox == sandbox, finished, ~complete))


def _with_repeated_effects(db: Connection, sandbox: str) -> int:
    """Orders of which some effect exists more than once."""
    repeated = [
        select(table.c.order).where(table.c.sandbox == sandbox).group_by(table.c.order).having(func.count() > once)
        for table, once in EFFECTS.items()
    ]
    return _count(db, select(func.count()).select_from(union(*repeated).subquery()))


def _rate(db: Connection, sandbox: str, moment: Any, since: datetime) -> float:
    counted = select(func.count()).select_from(outbox).where(outbox.c.sandbox == sandbox, moment > since)
    return round(_count(db, counted) / RATE_OVER_S, 2)


def _latest_done(db: Connection, sandbox: str, count: int = 4) -> tuple[Ticket, ...]:
    newest = select(outbox).where(outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None))
    rows = db.execute(newest.order_by(outbox.c.closed_at.desc()).limit(count))
    return tuple(
        Ticket(row.order, "done", row.deliveries, round((row.closed_at - row.taken_at).total_seconds(), 1))
        for row in rows
        if row.taken_at
    )


def _events(sandbox: str, kind: str) -> Any:
    log = tables.event_log
    return select(func.count()).select_from(log).where(log.c.sandbox == sandbox, log.c.type == kind)


def _count(db: Connection, query: Any) -> int:
    return int(db.execute(query).scalar_one())
