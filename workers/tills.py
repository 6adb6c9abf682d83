"""Tills: a checkout in a process of its own, because a reader wants to see what that process leaves when it dies.

The web process cannot be killed, since others' customers are in it. It leaves a wish here, and the supervisor opens a
till: a process that runs the same checkout, and dies at the place where the crash waits for it.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row, exists, insert, select, update

from workers import events, fleet
from workers.database import begin, read, utc_now
from workers.errors import CardDeclined, CheckoutDied, StepUnavailable, SupervisorAway
from workers.shop.orders import Order
from workers.tables import orders, tills

LOOK_EVERY_S = 0.02
LASTS_AT_MOST_S = 60.0  # with the wait for the kill; longer than that is a supervisor in trouble


@dataclass(frozen=True)
class Till:
    """A wished checkout: `began` is when its customer began to wait, on the machine's monotonic clock."""

    id: int
    order: Order
    began: float


def wanted(order: Order) -> bool:
    """Whether this checkout is to run in a process of its own: a crash waits for it."""
    if order.checkout != "later" or order.later is not None:
        return False
    waits = select(exists().where(*fleet.armed(order.sandbox, fleet.CHECKOUT, fleet.BETWEEN)))
    with read() as db:
        return bool(db.execute(waits).scalar_one())


def check_out(order: Order, began: float) -> events.CustomerAnswered:
    """Have a till opened for this order, and wait for its end.

    Raises CheckoutDied, CardDeclined, StepUnavailable, and SupervisorAway when no till was opened.
    """
    row = {"sandbox": order.sandbox, "order": as_json(order), "began": began, "state": "wished"}
    with begin() as db:
        number = db.execute(insert(tills).values(**row, wished_at=utc_now()).returning(tills.c.id)).scalar_one()
    _wait_until_over(number)
    happened = events.of_orders(order.sandbox, [order.number])
    answered = next((event for event in happened if isinstance(event, events.CustomerAnswered)), None)
    if answered is None:
        raise CheckoutDied("The process that took this order died, and nobody knows how far it came.")
    if answered.outcome == "declined":
        raise CardDeclined("The card was declined, so there is no order. Try another card.")
    if answered.outcome == "failed":
        raise StepUnavailable("A step of the checkout failed.", "step failed")
    return answered


def to_open() -> list[Till]:
    """The wishes that no supervisor has taken yet."""
    with read() as db:
        rows = db.execute(select(tills).where(tills.c.state == "wished").order_by(tills.c.id))
        return [_till(row) for row in rows]


def opened(number: int, supervisor: str, pid: int) -> bool:
    """The process exists; False if nobody waits for it any more."""
    mine = update(tills).where(tills.c.id == number, tills.c.state == "wished")
    with begin() as db:
        return db.execute(mine.values(state="running", supervisor=supervisor, pid=pid)).rowcount == 1


def of_supervisor(supervisor: str) -> list[Row[Any]]:
    """Tills of an earlier supervisor of this name, which died with it."""
    mine = select(tills).where(tills.c.state == "running", tills.c.supervisor == supervisor)
    with read() as db:
        return list(db.execute(mine))


def closed(number: int, order: Order, pid: int, end: str) -> None:
    """The process has ended; unless it went home by itself, its order is cut off wherever it was."""
    with begin() as db:
        db.execute(update(tills).where(tills.c.id == number).values(state="over"))
        if end == "exit 0" or not db.execute(select(tills.c.id).where(tills.c.id == number)).first():
            return  # or its sandbox was deleted meanwhile
        mine = (orders.c.sandbox == order.sandbox, orders.c.number == order.number)
        db.execute(update(orders).where(*mine).values(cut_off_at=utc_now()))
        events.append(order.sandbox, events.CheckoutCrashed(order=order.number, pid=pid, signal=end), db=db)


def order_of(row: Row[Any]) -> Order:
    later = tuple(row.order["later"]) if row.order["later"] is not None else None
    return Order(**{**row.order, "later": later})


def _wait_until_over(number: int) -> None:
    mine, began = tills.c.id == number, time.monotonic()
    while True:
        with read() as db:
            state = db.execute(select(tills.c.state).where(mine)).scalar_one_or_none()
        if state in (None, "over"):
            return
        waited_s = time.monotonic() - began
        if waited_s > (fleet.ANSWER_WITHIN_S if state == "wished" else LASTS_AT_MOST_S):
            break
        time.sleep(LOOK_EVERY_S)
    with begin() as db:  # nobody is to take the order when nobody waits for it any more
        db.execute(update(tills).where(mine, tills.c.state == "wished").values(state="over"))
    raise SupervisorAway("The supervisor did not answer; it is restarted by itself, so try again in a few seconds.")


def as_json(order: Order) -> dict[str, Any]:
    """The order for the process that will take it; the basket is always the same."""
    known = asdict(replace(order, lines=()))
    return {name: known[name] for name in ("sandbox", "number", "email", "checkout", "card", "race", "later")}


def _till(row: Row[Any]) -> Till:
    return Till(row.id, order_of(row), row.began)
