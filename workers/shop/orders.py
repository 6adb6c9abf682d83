"""The order itself: what was bought, by whom, and the row that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from workers import events
from workers.database import begin, read, utc_now
from workers.errors import UnknownMessage
from workers.tables import orders


@dataclass(frozen=True)
class Line:
    """One line of a basket; prices in cents."""

    sku: str
    name: str
    quantity: int
    cents: int


# Every order of the story buys the same basket, so that two orders differ only in when their work is done.
BASKET = (Line("TEA-POT", "Copper teapot", 1, 3900), Line("TEA-CUP", "Stoneware cup", 4, 750))


@dataclass(frozen=True)
class Order:
    """An order on its way through the checkout; `number` counts up within its sandbox."""

    sandbox: str
    number: int
    email: str = "ada@example.com"
    checkout: str = "later"  # "now" | "later"
    card: str = "good"  # "good" | "declined"; known only while the customer is there
    race: str | None = None
    lines: tuple[Line, ...] = BASKET

    @property
    def cents(self) -> int:
        return sum(line.quantity * line.cents for line in self.lines)


_RECORD = insert(orders)
Also = Callable[[Connection], None]


def _nothing_more(db: Connection, first_time: bool) -> None:
    """For an order of which nobody wants to know."""


def record(
    order: Order,
    key: str | None = None,
    finish: Callable[[Connection, bool], None] = _nothing_more,
    also: Also | None = None,
) -> None:
    """Create the order's row; what `also` writes is committed with it, or not at all."""
    with begin() as db:
        row = {"email": order.email, "checkout": order.checkout, "race": order.race, "placed_at": utc_now()}
        db.execute(_RECORD, row | {"sandbox": order.sandbox, "number": order.number})
        if also:
            also(db)
        events.append(order.sandbox, events.OrderPlaced(order=order.number, checkout=order.checkout), db=db)
        finish(db, True)


def find(sandbox: str, number: int) -> Order:
    """Read an order back. Raises UnknownMessage when there is none."""
    chosen = select(orders).where(orders.c.sandbox == sandbox, orders.c.number == number)
    with read() as db:
        row = db.execute(chosen).one_or_none()
    if row is None:
        raise UnknownMessage(f"There is no order {number} in sandbox {sandbox}.")
    return Order(sandbox, number, email=row.email, checkout=row.checkout, race=row.race)
