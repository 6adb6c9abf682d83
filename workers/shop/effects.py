"""Effects: a row a step, the dedup row that makes a repeat harmless, and what is written in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, insert

from workers.database import begin, insert_once, utc_now
from workers.shop.orders import Order
from workers.tables import effects_seen

# Called in the transaction of the effect; False if the effect was there already.
Finish = Callable[[Connection, bool], None]


def nothing_more(db: Connection, first_time: bool) -> None:
    """For an effect of which nobody wants to know."""


def write(table: Table, order: Order, key: str | None, *rows: dict[str, Any], finish: Finish = nothing_more) -> None:
    """Insert the rows of one effect, unless its key was seen before; the key is in the same transaction."""
    with begin() as db:
        new = not key or first_time(db, order.sandbox, key)
        if new:
            common = {"sandbox": order.sandbox, "order": order.number, "at": utc_now()}
            db.execute(insert(table), [common | row for row in rows])
        finish(db, new)


def happened_outside(finish: Finish, first_time: bool) -> None:
    """An effect that is not a row of ours: only what follows from it is written."""
    with begin() as db:
        finish(db, first_time)


def first_time(db: Connection, sandbox: str, key: str) -> bool:
    """Claim an idempotency key in the caller's transaction; a rollback gives it back."""
    return insert_once(db, effects_seen, sandbox=sandbox, key=key)
