"""The ledger of a sandbox: where its orders are, and what really happened to them, counted from rows and effects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, case, exists, func, select, text, union

from workers import early, tables
from workers.database import read, utc_now
from workers.snapshot import Ledger, Ticket
from workers.tables import dead_letters, event_log, orders, outbox

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
_OPEN = outbox.c.closed_at.is_(None)
_ALIVE = _OPEN & outbox.c.dead_at.is_(None)


@dataclass(frozen=True)
class Books:
    """What the database knows of a sandbox at one moment, beside what the broker said."""

    rows: dict[str, Row[Any]]  # outbox rows by message: those that were asked for and are not done
    oldest: datetime | None  # when the oldest waiting message was committed
    placed: int
    open: int
    running: int
    scheduled: int
    dead: int
    unanswered: int
    at_work: int  # acknowledged before the work, which a living worker is still at
    lost: int
    duplicated: int
    refused: int
    in_per_s: float
    out_per_s: float
    acknowledged: int  # and done
    dead_letters: int  # without the deleted, which can still be brought back
    oldest_dead: datetime | None
    latest: tuple[Ticket, ...]

    @property
    def ledger(self) -> Ledger:
        """placed = done + waiting + running + scheduled + dead + lost: what is nowhere else is done."""
        return Ledger(
            placed=self.placed,
            done=self.placed - self.open - self.unanswered - self.at_work - self.lost,
            waiting=self.open - self.running - self.scheduled - self.dead,
            running=self.running + self.unanswered + self.at_work,
            scheduled=self.scheduled,
            dead=self.dead,
            refused=self.refused,
            lost=self.lost,
            duplicated=self.duplicated,
        )


def read_books(
    sandbox: str, leased: Collection[str] = (), head: Collection[str] = (), acknowledged: Collection[str] = ()
) -> Books:
    """Count everything; `leased` and `head` are the messages that the broker has under a lease, and next in line.

    `acknowledged` are those that workers are at although the broker has none of them any more.

    The cost does not grow with the messages that wait: they are counted in an index, and never read.
    """
    now = utc_now()
    with read() as db:
        counted = db.execute(select(*_counts(sandbox, leased, now))).one()
        cut_off = counted.cut_off
        return Books(
            rows=_rows(db, sandbox, {*leased, *head}, acknowledged),
            oldest=_oldest_waiting(db, sandbox, leased),
            placed=counted.recorded + counted.promised,
            open=counted.open,
            running=counted.running,
            scheduled=counted.scheduled,
            dead=counted.dead,
            unanswered=counted.unanswered - cut_off,
            at_work=counted.at_work,
            lost=counted.closed_without + counted.answered_without + cut_off,
            duplicated=_with_repeated_effects(db, sandbox),
            refused=counted.refused,
            in_per_s=round(counted.came_in / RATE_OVER_S, 2),
            out_per_s=round(counted.went_out / RATE_OVER_S, 2),
            acknowledged=counted.closed - counted.closed_without - counted.at_work,
            dead_letters=counted.dead_letters,
            oldest_dead=counted.oldest_dead,
            latest=_latest_done(db, sandbox),
        )


def count_harm(sandbox: str) -> tuple[int, int]:
    """How many orders are lost, and of how many an effect exists more than once."""
    with read() as db:
        counted = db.execute(select(*_lost(sandbox, utc_now()).values())).one()
        return sum(counted), _with_repeated_effects(db, sandbox)


def _counts(sandbox: str, leased: Collection[str], now: datetime) -> list[Any]:
    """All counts of one look; in a single statement, so that they are of one moment."""
    mine, its = outbox.c.sandbox == sandbox, orders.c.sandbox == sandbox
    since = now - timedelta(seconds=RATE_OVER_S)
    closed = (mine, outbox.c.closed_at.is_not(None), outbox.c.dead_at.is_(None))
    letters = select(func.count()).where(dead_letters.c.sandbox == sandbox, dead_letters.c.deleted_at.is_(None))
    oldest_dead = letters.with_only_columns(func.min(dead_letters.c.dead_at))
    refused = (event_log.c.sandbox == sandbox, event_log.c.type == "RequestRefused")
    counts = {
        "recorded": _count(its),
        "promised": _promised(sandbox),
        "open": _count(mine, _OPEN),
        "running": _running(sandbox, leased),
        "at_work": _at_work(sandbox),
        "scheduled": _count(mine, _ALIVE, outbox.c.due_at > now),
        "dead": _count(mine, _OPEN, outbox.c.dead_at.is_not(None)),
        "unanswered": _count(*_unanswered(sandbox)),
        **_lost(sandbox, now),
        "refused": _count(*refused, of=event_log),
        "came_in": _count(mine, outbox.c.committed_at > since),
        "went_out": _count(*closed, outbox.c.closed_at > since),
        "closed": _count(mine, outbox.c.closed_at.is_not(None)),
        "dead_letters": letters.scalar_subquery(),
        "oldest_dead": oldest_dead.scalar_subquery(),
    }
    return [count.label(name) for name, count in counts.items()]


def _running(sandbox: str, leased: Collection[str]) -> ScalarSelect[Any]:
    """Messages under a lease, or acknowledged at this moment; the only condition is their names.

    With any other SQLite would read all that wait.
    """
    at_work = case((_ALIVE & outbox.c.due_at.is_(None), 1), else_=0)
    counted = select(func.coalesce(func.sum(at_work), 0))
    named = union(early.at_work(sandbox), select(outbox.c.message).where(outbox.c.message.in_(leased or ("",))))
    return counted.where(outbox.c.message.in_(named)).scalar_subquery()


def _at_work(sandbox: str) -> ScalarSelect[Any]:
    """Messages that were acknowledged before the work, with effects to come from a living worker."""
    closed = (outbox.c.message.in_(early.at_work(sandbox)), outbox.c.closed_at.is_not(None))
    return _count(*closed, _SAME_ORDER, ~_complete(sandbox))


def _unanswered(sandbox: str) -> tuple[ColumnElement[bool], ...]:
    return orders.c.sandbox == sandbox, orders.c.answered_at.is_(None), ~_HAS_MESSAGE


def _lost(sandbox: str, now: datetime) -> dict[str, ScalarSelect[Any]]:
    """Orders that nobody will complete any more: by what became of their message or of their request."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None))
    given_up = outbox.c.message.not_in(early.at_work(sandbox))
    long_ago = orders.c.placed_at < now - timedelta(seconds=REQUEST_LASTS_AT_MOST_S)
    return {
        "closed_without": _count(*closed, given_up, _SAME_ORDER, ~_complete(sandbox)),
        "answered_without": _answered_without_effects(sandbox),
        "cut_off": _count(*_unanswered(sandbox), long_ago),
    }


def _promised(sandbox: str) -> ScalarSelect[Any]:
    """Orders of which only the message exists: a reader's design left their row to a worker, who has yet to make it."""
    designed = (outbox.c.sandbox == sandbox, _OPEN, text("kind = 'CompleteDesign'"))
    order = exists().where(orders.c.sandbox == outbox.c.sandbox, orders.c.number == outbox.c.order)
    return _count(*designed, ~order, of=outbox)


def _answered_without_effects(sandbox: str) -> ScalarSelect[Any]:
    """Orders that were wholly their request's, and that lack an effect although it has answered."""
    theirs = (orders.c.sandbox == sandbox, text("(checkout = 'now' OR later IS NOT NULL)"))
    return _count(*theirs, orders.c.answered_at.is_not(None), ~_HAS_MESSAGE, ~_complete(sandbox), of=orders)


def _complete(sandbox: str) -> ColumnElement[bool]:
    """Every effect of the order exists."""
    complete: ColumnElement[bool] = exists().where(
        tables.emails.c.sandbox == sandbox, tables.emails.c.order == orders.c.number
    )
    for table in list(EFFECTS)[1:]:
        complete = complete & exists().where(table.c.sandbox == sandbox, table.c.order == orders.c.number)
    return complete


def _with_repeated_effects(db: Connection, sandbox: str) -> int:
    """Orders of which some effect exists more than once."""
    repeated = [
        select(table.c.order).where(table.c.sandbox == sandbox).group_by(table.c.order).having(func.count() > once)
        for table, once in EFFECTS.items()
    ]
    return int(db.execute(select(func.count()).select_from(union(*repeated).subquery())).scalar_one())


def _rows(
    db: Connection, sandbox: str, messages: Collection[str], acknowledged: Collection[str]
) -> dict[str, Row[Any]]:
    if not messages and not acknowledged:
        return {}
    rows = db.execute(select(outbox).where(outbox.c.message.in_({*messages, *acknowledged})))
    to_do = (row for row in rows if row.closed_at is None or row.message in acknowledged)
    return {row.message: row for row in to_do if row.sandbox == sandbox}


def _oldest_waiting(db: Connection, sandbox: str, leased: Collection[str]) -> datetime | None:
    waiting = (outbox.c.sandbox == sandbox, _ALIVE, outbox.c.due_at.is_(None), outbox.c.message.not_in(leased))
    oldest = select(outbox.c.committed_at).where(*waiting).order_by(outbox.c.committed_at).limit(1)
    return db.execute(oldest).scalar_one_or_none()


def _latest_done(db: Connection, sandbox: str, count: int = 4) -> tuple[Ticket, ...]:
    """The newest whose effects all exist; how long the work took is not known of what was closed before it."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None), outbox.c.dead_at.is_(None))
    done = select(outbox).where(*closed, _SAME_ORDER, _complete(sandbox))
    rows = db.execute(done.order_by(outbox.c.closed_at.desc()).limit(count))
    return tuple(Ticket(row.order, "done", row.deliveries, _work_s(row)) for row in rows if row.taken_at)


def _work_s(row: Row[Any]) -> float | None:
    return None if row.early else round((row.closed_at - row.taken_at).total_seconds(), 1)


def _count(*conditions: Any, of: Any = None) -> ScalarSelect[Any]:
    counted = select(func.count()).where(*conditions)
    return (counted if of is None else counted.select_from(of)).scalar_subquery()
