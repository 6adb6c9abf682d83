"""The ledger of a sandbox: where its orders are, and what really happened to them, counted from rows and effects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, case, func, select, union

from workers import early, ticket_books, undone
from workers.database import read, utc_now
from workers.snapshot import Ledger, Ticket
from workers.tables import dead_letters, event_log, orders, outbox, parts
from workers.undone import EFFECTS, SAME_ORDER, count

RATE_OVER_S = 10

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
    tickets: ticket_books.TicketBooks  # which are counted in the numbers above

    @property
    def ledger(self) -> Ledger:
        """placed = done + waiting + running + scheduled + dead + shed + lost: what is nowhere else is done."""
        return Ledger(
            placed=self.placed,
            done=self.placed - self.open - self.unanswered - self.at_work - self.tickets.shed - self.lost,
            waiting=self.open - self.running - self.scheduled - self.dead,
            running=self.running + self.unanswered + self.at_work,
            scheduled=self.scheduled,
            dead=self.dead,
            refused=self.refused,
            shed=self.tickets.shed,
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
        closed_undone = counted.closed_without + counted.at_work + counted.to_be_made + counted.never_made
        closed_undone += counted.nobodys
        small = ticket_books.read(db, sandbox, leased, now, RATE_OVER_S)
        waiting = [at for at in (_oldest_waiting(db, sandbox, leased), small.oldest) if at]
        return Books(
            rows=_rows(db, sandbox, {*leased, *head}, acknowledged),
            oldest=min(waiting, default=None),
            placed=counted.recorded + counted.promised + counted.to_be_made + counted.never_made + small.placed,
            open=counted.open + small.open,
            running=counted.running + small.running,
            scheduled=counted.scheduled,
            dead=counted.dead,
            unanswered=counted.unanswered - cut_off,
            at_work=counted.at_work + counted.to_be_made,
            lost=counted.closed_without + counted.never_made + _undone(counted) + small.lost,
            duplicated=_with_repeated_effects(db, sandbox) + small.duplicated,
            refused=counted.refused,
            in_per_s=round((counted.came_in + small.came_in) / RATE_OVER_S, 2),
            out_per_s=round((counted.went_out + small.went_out) / RATE_OVER_S, 2),
            acknowledged=counted.closed - closed_undone,
            dead_letters=counted.dead_letters,
            oldest_dead=counted.oldest_dead,
            latest=_latest_done(db, sandbox),
            tickets=small,
        )


def _undone(counted: Any) -> int:
    """Orders of which no message tells, and that nobody will complete."""
    return int(counted.answered_without + counted.cut_off + counted.left_without)


def count_harm(sandbox: str) -> tuple[int, int]:
    """How many orders and tickets are lost, and of how many an effect exists more than once."""
    with read() as db:
        counted = db.execute(select(*undone.lost(sandbox, utc_now()).values())).one()
        lost, repeated = ticket_books.harm(db, sandbox)
        return sum(counted) + lost, _with_repeated_effects(db, sandbox) + repeated


def _counts(sandbox: str, leased: Collection[str], now: datetime) -> list[Any]:
    """All counts of one look; in a single statement, so that they are of one moment."""
    mine, its = outbox.c.sandbox == sandbox, orders.c.sandbox == sandbox
    since = now - timedelta(seconds=RATE_OVER_S)
    closed = (mine, outbox.c.closed_at.is_not(None), outbox.c.dead_at.is_(None))
    letters = select(func.count()).where(dead_letters.c.sandbox == sandbox, dead_letters.c.deleted_at.is_(None))
    oldest_dead = letters.with_only_columns(func.min(dead_letters.c.dead_at))
    refused = (event_log.c.sandbox == sandbox, event_log.c.type == "RequestRefused")
    counts = {
        "recorded": count(its),
        "promised": undone.promised(sandbox),
        "open": count(mine, _OPEN),
        "running": _running(sandbox, leased),
        "at_work": _at_work(sandbox),
        "to_be_made": count(*undone.unmade(sandbox), outbox.c.message.in_(early.at_work(sandbox)), of=outbox),
        "scheduled": count(mine, _ALIVE, outbox.c.due_at > now),
        "dead": count(mine, _OPEN, outbox.c.dead_at.is_not(None)),
        "unanswered": count(*undone.unanswered(sandbox)),
        **undone.lost(sandbox, now),
        "refused": count(*refused, of=event_log),
        "came_in": count(mine, outbox.c.committed_at > since),
        "went_out": count(*closed, outbox.c.closed_at > since),
        "closed": count(mine, outbox.c.closed_at.is_not(None)),
        "nobodys": undone.nobodys(sandbox),
        "dead_letters": letters.scalar_subquery(),
        "oldest_dead": oldest_dead.scalar_subquery(),
    }
    return [counted.label(name) for name, counted in counts.items()]


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
    return count(*closed, SAME_ORDER, ~undone.complete(sandbox))


def _with_repeated_effects(db: Connection, sandbox: str) -> int:
    """Orders of which some effect exists more than once."""
    repeated = [
        select(table.c.order).where(table.c.sandbox == sandbox).group_by(table.c.order).having(func.count() > once)
        for table, once in EFFECTS.items()
    ]
    piece = select(parts.c.order).where(parts.c.sandbox == sandbox).group_by(parts.c.order, parts.c.address)
    repeated.append(piece.having(func.count() > 1))
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


def _latest_done(db: Connection, sandbox: str, at_most: int = 4) -> tuple[Ticket, ...]:
    """The newest whose effects all exist; how long the work took is not known of what was closed before it."""
    closed = (outbox.c.sandbox == sandbox, outbox.c.closed_at.is_not(None), outbox.c.dead_at.is_(None))
    done = select(outbox).where(*closed, SAME_ORDER, undone.complete(sandbox))
    rows = db.execute(done.order_by(outbox.c.closed_at.desc()).limit(at_most))
    return tuple(Ticket(row.order, "done", row.deliveries, _work_s(row)) for row in rows if row.taken_at)


def _work_s(row: Row[Any]) -> float | None:
    return None if row.early else round((row.closed_at - row.taken_at).total_seconds(), 1)
