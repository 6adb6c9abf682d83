"""What the ledger counts of tickets: where they are, and whether what they carried was counted, once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from workers.tables import counted_events, tickets

_OPEN = tickets.c.closed_at.is_(None)
_CLOSED = tickets.c.closed_at.is_not(None)


@dataclass(frozen=True)
class TicketBooks:
    """The tickets of a sandbox at one moment."""

    placed: int = 0
    open: int = 0
    running: int = 0
    shed: int = 0
    lost: int = 0
    duplicated: int = 0
    came_in: int = 0  # since a moment ago
    went_out: int = 0
    oldest: datetime | None = None  # when the oldest was committed that no worker has


def read(db: Connection, sandbox: str, leased: Collection[str], now: datetime, over_s: int) -> TicketBooks:
    """Count in indices, in one statement, so that it is of one moment; who has no ticket is asked nothing else."""
    mine = tickets.c.sandbox == sandbox
    if db.execute(select(tickets.c.message).where(mine).limit(1)).first() is None:
        return TicketBooks()
    since = now - timedelta(seconds=over_s)
    oldest = select(func.min(tickets.c.committed_at)).where(mine, _OPEN, tickets.c.message.not_in(leased))
    counts = {
        "placed": _count(mine),
        "open": _count(mine, _OPEN),
        "running": _count(tickets.c.message.in_(leased or ("",)), mine, _OPEN),
        "shed": _count(mine, _CLOSED, tickets.c.shed),
        "came_in": _count(mine, tickets.c.committed_at > since),
        "went_out": _count(mine, tickets.c.closed_at > since, ~tickets.c.shed),
        **_effects(sandbox),
    }
    labelled: list[Any] = [count.scalar_subquery().label(name) for name, count in counts.items()]
    row = db.execute(select(*labelled, oldest.scalar_subquery().label("oldest"))).one()
    return TicketBooks(
        placed=row.placed,
        open=row.open,
        running=row.running,
        shed=row.shed,
        lost=row.counted - row.different,
        duplicated=_repeated(db, sandbox) if row.happened != row.different else 0,
        came_in=row.came_in,
        went_out=row.went_out,
        oldest=row.oldest,
    )


def harm(db: Connection, sandbox: str) -> tuple[int, int]:
    """How many tickets were closed as counted without their effect, and of how many it exists more than once."""
    labelled: list[Any] = [count.scalar_subquery().label(name) for name, count in _effects(sandbox).items()]
    row = db.execute(select(*labelled)).one()
    return row.counted - row.different, _repeated(db, sandbox) if row.happened != row.different else 0


def _effects(sandbox: str) -> dict[str, Select[Any]]:
    """Tickets that are said to be counted, the effects that exist, and of how many tickets."""
    effects = select(func.count()).where(counted_events.c.sandbox == sandbox)
    different = effects.with_only_columns(func.count(counted_events.c.message.distinct()))
    counted = _count(tickets.c.sandbox == sandbox, _CLOSED, ~tickets.c.shed)
    return {"counted": counted, "happened": effects, "different": different}


def _repeated(db: Connection, sandbox: str) -> int:
    each = select(counted_events.c.message).where(counted_events.c.sandbox == sandbox)
    often = each.group_by(counted_events.c.message).having(func.count() > 1)
    return int(db.execute(select(func.count()).select_from(often.subquery())).scalar_one())


def _count(*conditions: Any) -> Select[Any]:
    return select(func.count()).select_from(tickets).where(*conditions)
