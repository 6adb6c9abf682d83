"""Effects: a row a step, the dedup row that makes a repeat harmless, and what is written in the same transaction."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, case, insert, update

from workers.database import begin, insert_once, utc_now
from workers.errors import Fenced
from workers.shop.orders import Finish, Order, nothing_more
from workers.tables import effects_seen, fences

HOUSE = "house"  # the receiver of the writes to our own database

_insert = lru_cache(insert)  # a statement that was built once is compiled once as well


def write(table: Table, order: Order, key: str | None, *rows: dict[str, Any], finish: Finish = nothing_more) -> None:
    """Insert the rows of one effect, unless its key was seen before; the key is in the same transaction."""
    with begin() as db:
        if order.token:
            fence(db, HOUSE, order.sandbox, order.number, order.token)
        new = not key or first_time(db, order.sandbox, key)
        if new:
            common = {"sandbox": order.sandbox, "order": order.number, "at": utc_now()}
            db.execute(_insert(table), [common | row for row in rows])
        finish(db, new)


def fence(db: Connection, receiver: str, sandbox: str, order: int, token: int) -> None:
    """Remember the highest token of an order in the caller's transaction. Raises Fenced when this one is lower.

    It puts writers in order, and nothing more: the one with the highest token may write as often as it likes, so what
    was written before is not recognised. For that there are keys.
    """
    insert_once(db, fences, sandbox=sandbox, receiver=receiver, order=order, highest=token)
    mine = (fences.c.sandbox == sandbox, fences.c.receiver == receiver, fences.c.order == order)
    higher = case((fences.c.highest < token, token), else_=fences.c.highest)
    highest = db.execute(update(fences).where(*mine).values(highest=higher).returning(fences.c.highest)).scalar_one()
    if highest > token:
        raise Fenced(receiver, token, highest)


def happened_outside(finish: Finish, first_time: bool) -> None:
    """An effect that is not a row of ours: only what follows from it is written."""
    with begin() as db:
        finish(db, first_time)


def first_time(db: Connection, sandbox: str, key: str) -> bool:
    """Claim an idempotency key in the caller's transaction; a rollback gives it back."""
    return insert_once(db, effects_seen, sandbox=sandbox, key=key)
