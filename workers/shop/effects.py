"""Local effects: a row a step, and the dedup row that makes a repeat harmless."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, insert

from workers.database import begin, insert_once, utc_now
from workers.shop.orders import Order
from workers.tables import effects_seen


def write(table: Table, order: Order, key: str | None, *rows: dict[str, Any]) -> bool:
    """Insert the rows of one effect. With a key, they and the key are one transaction: False if it was seen before."""
    with begin() as db:
        if key and not first_time(db, order.sandbox, key):
            return False
        common = {"sandbox": order.sandbox, "order": order.number, "at": utc_now()}
        db.execute(insert(table), [common | row for row in rows])
    return True


def first_time(db: Connection, sandbox: str, key: str) -> bool:
    """Claim an idempotency key in the caller's transaction; a rollback gives it back."""
    return insert_once(db, effects_seen, sandbox=sandbox, key=key)
