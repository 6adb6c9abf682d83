"""Effects: a row a step, the dedup row that makes a repeat harmless, and what is written in the same transaction."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, insert

from workers.database import begin, insert_once, utc_now
from workers.shop.orders import Finish, Order, nothing_more
from workers.tables import effects_seen

_insert = lru_cache(insert)  # a statement that was built once is compiled once as well


def write(table: Table, order: Order, key: str | None, *rows: dict[str, Any], finish: Finish = nothing_more) -> None:
    """Insert the rows of one effect, unless its key was seen before; the key is in the same transaction."""
    with begin() as db:
        new = not key or first_time(db, order.sandbox, key)
        if new:
            common = {"sandbox": order.sandbox, "order": order.number, "at": utc_now()}
            db.execute(_insert(table), [common | row for row in rows])
        finish(db, new)


def happened_outside(finish: Finish, first_time: bool) -> None:
    """An effect that is not a row of ours: only what follows from it is written."""
    with begin() as db:
        finish(db, first_time)


def first_time(db: Connection, sandbox: str, key: str) -> bool:
    """Claim an idempotency key in the caller's transaction; a rollback gives it back."""
    return insert_once(db, effects_seen, sandbox=sandbox, key=key)
