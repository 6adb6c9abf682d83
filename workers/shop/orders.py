"""The order itself: what was bought, by whom, and the row that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from workers import events
from workers.database import begin, insert_once, read, utc_now
from workers.errors import OrderMissing
from workers.shop.basket import BASKET, Line
from workers.shop.steps import CHECKOUT
from workers.tables import orders


@dataclass(frozen=True)
class Order:
    """An order on its way through the checkout; `number` counts up within its sandbox."""

    sandbox: str
    number: int
    email: str = "ada@example.com"
    checkout: str = "later"  # "now" | "later"
    card: str = "good"  # "good" | "declined"; known only while the customer is there
    race: str | None = None
    later: tuple[str, ...] | None = None  # the steps that a reader leaves to a worker; None: the usual seven
    lines: tuple[Line, ...] = BASKET
    trade: str = CHECKOUT  # whose steps are done for it, see workers/trades.py; another one is always designed
    token: int | None = None  # with fencing: the number of the delivery that writes

    def __post_init__(self) -> None:
        if self.trade != CHECKOUT and self.later is None:
            object.__setattr__(self, "later", ())  # there are no usual steps: all are the request's, unless it is said

    @property
    def cents(self) -> int:
        return sum(line.quantity * line.cents for line in self.lines)


Also = Callable[[Connection], None]
# Called in the transaction of an effect, the order's row among them; False if the effect was there already.
Finish = Callable[[Connection, bool], None]


def nothing_more(db: Connection, first_time: bool) -> None:
    """For an effect of which nobody wants to know."""


def record(order: Order, key: str | None = None, finish: Finish = nothing_more, also: Also | None = None) -> None:
    """Create the order's row, once; what `also` writes is committed with it, or not at all."""
    how = {"checkout": order.checkout, "race": order.race, "later": order.later, "trade": order.trade}
    row = how | {"email": order.email, "placed_at": utc_now()}
    with begin() as db:
        new = insert_once(db, orders, sandbox=order.sandbox, number=order.number, **row)
        if also:
            also(db)
        if new:
            events.append(order.sandbox, events.OrderPlaced(order=order.number, checkout=order.checkout), db=db)
        finish(db, new)


def find(sandbox: str, number: int) -> Order:
    """Read an order back. Raises OrderMissing when there is none."""
    chosen = select(orders).where(orders.c.sandbox == sandbox, orders.c.number == number)
    with read() as db:
        row = db.execute(chosen).one_or_none()
    if row is None:
        raise OrderMissing(f"There is no order {number}.")
    return from_row(row)


def from_row(row: Row[Any]) -> Order:
    """The order that a row of the table says."""
    later = tuple(row.later) if row.later is not None else None
    how = {"checkout": row.checkout, "race": row.race, "later": later, "trade": row.trade}
    return Order(row.sandbox, row.number, email=row.email, **how)
