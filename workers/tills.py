"""Tills: a checkout in a process of its own, because a reader wants to see what that process leaves when it dies.

The web process cannot be killed, since others' customers are in it. It leaves a wish here, and the supervisor opens a
till: a process that runs the same checkout, and dies at the place where the crash waits for it.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from workers import events, fleet
from workers.database import begin, read, utc_now
from workers.errors import CardDeclined, CheckoutDied, StepUnavailable, SupervisorAway
from workers.shop.orders import Order
from workers.tables import orders, tills

LOOK_EVERY_S = 0.02
LASTS_AT_MOST_S = 60.0  # with the wait for the kill; longer than that is a supervisor in trouble


@dataclass(frozen=True)
class Till:
    """A wished checkout: `began` is when its customer began to wait, in seconds since 1970."""

    id: int
    order: Order
    began: float


def wanted(order: Order) -> bool:
    """Whether this checkout is to run in a process of its own: a crash waits for it, and not for one before it."""
    if order.checkout != "later" or order.later is not None:
        return False
    waiting = select(func.count()).where(*fleet.armed(order.sandbox, fleet.CHECKOUT, fleet.BETWEEN))
    open_ = select(func.count()).where(tills.c.sandbox == order.sandbox, tills.c.state != "over")
    with read() as db:  # in a flood, too, there are as many processes as crashes
        return bool(db.execute(select(waiting.scalar_subquery() > open_.scalar_subquery())).scalar_one())


def check_out(order: Order, began: float) -> events.CustomerAnswered:
    """Have a till opened for this order, and wait for its end.

    Raises CheckoutDied, CardDeclined, StepUnavailable, and SupervisorAway when no till was opened.
    """
    # The supervisor may be on another machine, whose monotonic clock is another one.
    since_1970 = time.time() - (time.monotonic() - began)
    row = {"sandbox": order.sandbox, "order": as_json(order), "began": since_1970, "state": "wished"}
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
    """The process has ended; unless it went home by itself, its order is cut off wherever it was.

    A till that nobody knew of had not begun: its wish stands.
    """
    running = update(tills).where(tills.c.id == number, tills.c.state == "running")
    with begin() as db:
        if not db.execute(running.values(state="over")).rowcount or end == "exit 0":
            return  # or that was said before, or its sandbox was deleted meanwhile
        mine = (orders.c.sandbox == order.sandbox, orders.c.number == order.number)
        db.execute(update(orders).where(*mine).values(cut_off_at=utc_now()))
        events.append(order.sandbox, events.CheckoutCrashed(order=order.number, pid=pid, signal=end), db=db)


def order_of(row: Row[Any]) -> Order:
    later = tuple(row.order["later"]) if row.order["later"] is not None else None
    return Order(**{**row.order, "later": later})


def _wait_until_over(number: int) -> None:
    began = time.monotonic()
    while (state := _state(number)) in ("wished", "running"):
        waited_s = time.monotonic() - began
        if state == "wished" and waited_s > fleet.ANSWER_WITHIN_S and _given_up(number):
            raise SupervisorAway(
                "The supervisor did not answer, and nobody took the order; try again in a few seconds."
            )
        if waited_s > LASTS_AT_MOST_S:
            raise SupervisorAway("The supervisor does not say what became of the process that took the order.")
        time.sleep(LOOK_EVERY_S)


def _state(number: int) -> str | None:
    with read() as db:
        return db.execute(select(tills.c.state).where(tills.c.id == number)).scalar_one_or_none()


def _given_up(number: int) -> bool:
    """Nobody is to take the order when nobody waits for it any more; False if somebody just has."""
    mine = update(tills).where(tills.c.id == number, tills.c.state == "wished")
    with begin() as db:
        return db.execute(mine.values(state="over")).rowcount == 1


def as_json(order: Order) -> dict[str, Any]:
    """The order for the process that will take it; the basket is always the same."""
    known = asdict(replace(order, lines=()))
    return {name: known[name] for name in ("sandbox", "number", "email", "checkout", "card", "race", "later")}


def _till(row: Row[Any]) -> Till:
    return Till(row.id, order_of(row), row.began)
