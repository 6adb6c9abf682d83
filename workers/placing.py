"""Placing an order: the customer's wait, from the press of the button to the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, update

from workers import backpressure, connection_pool, events, outbox, request_slots, sandboxes, tills, ways
from workers.attempts import Attempt, nobody_stops_here
from workers.checkout import HANDOVERS, check_out_now
from workers.database import begin, utc_now
from workers.designs import check_out_as_designed
from workers.errors import CheckoutDied, OverLimit, Refusal
from workers.messages import CompleteOrder
from workers.shop.orders import Order
from workers.tables import orders
from workers.tables import sandboxes as sandbox_rows

# The visitor acts, so her sandbox stays awake.
_DRAW = (
    update(sandbox_rows)
    .where(sandbox_rows.c.id == bindparam("sandbox_id"), sandbox_rows.c.awake)
    .values(last_order=sandbox_rows.c.last_order + 1, acted_at=bindparam("now"))
    .returning(sandbox_rows.c.last_order, sandbox_rows.c.settings)
)
_ANSWER = (
    update(orders)
    .where(orders.c.sandbox == bindparam("of"), orders.c.number == bindparam("order_number"))
    .values(answered_at=bindparam("now"), waited_s=bindparam("waited"))
)
_CUT_OFF = (
    update(orders)
    .where(orders.c.sandbox == bindparam("of"), orders.c.number == bindparam("order_number"))
    .values(cut_off_at=bindparam("now"))
)
CHECKOUTS: dict[str, Callable[[Order, Attempt], bool | None]] = {
    "now": check_out_now,
    "designed": check_out_as_designed,
    **HANDOVERS,
}


@dataclass(frozen=True)
class Answer:
    """What the customer is told: her order, after how many seconds she saw success, and what was done meanwhile."""

    order: Order
    waited_s: float
    happened: list[events.Event]


def place(wanted: Order, began: float | None = None) -> Answer:
    """Run a checkout as its customer sees it, who has waited since `began`; the number of `wanted` is drawn here.

    Raises OverLimit, HouseFull, CardDeclined and NotAllowed (there is no order then), StepUnavailable, PartMissing,
    CheckoutDied and SupervisorAway.
    """
    began = began or time.monotonic()
    number, settings = admit(wanted.sandbox)
    order = replace(wanted, number=number)
    with request_slots.held(order, settings["request_slots"]) as waited:
        if tills.wanted(order):
            return _at_a_till(order, began)
        return check_out(order, settings, began, due=time.monotonic() if waited else began)


def check_out(
    order: Order, settings: dict[str, Any], began: float, due: float, reach: Callable[[str], None] = nobody_stops_here
) -> Answer:
    """The checkout itself, and its end in the record, whatever it is."""
    started = events.CheckoutStarted(order=order.number, checkout=order.checkout, race=order.race)
    how = ways.of(order.sandbox, settings, in_worker=False)
    pool = connection_pool.lender_of_requests(order.sandbox, settings)
    said = (started,)
    request = Attempt("request", settings["speed"], "off", reach=reach, connect=pool, unsaid=said, due=due, ways=how)
    outcome, handed_over = "failed", False
    try:
        handed_over = bool(CHECKOUTS[_way(order, settings)](order, request))
        outcome = "success"
    except Refusal:
        outcome = "declined"
        raise
    finally:
        waited_s = _answered(order, outcome, began, handed_over)
    return Answer(order, waited_s, request.happened)


def _way(order: Order, settings: dict[str, Any]) -> str:
    if order.later is not None:
        return "designed"
    return "now" if order.checkout == "now" else str(settings["handover"])


def _at_a_till(order: Order, began: float) -> Answer:
    """The same in a process of its own, which may die of it; its customer is answered here if it does."""
    try:
        answered = tills.check_out(order, began)
    except CheckoutDied:
        _answered(order, "failed", began, handed_over=False)
        raise
    return Answer(order, answered.waited_s, events.of_orders(order.sandbox, [order.number]))


def admit(sandbox: str) -> tuple[int, dict[str, Any]]:
    """Draw the next order number, and read the settings that hold for it; a declined card leaves a gap.

    Raises OverLimit, UnknownSandbox and HouseFull.
    """
    cap = sandboxes.CAPS["queued_messages"]
    try:
        with begin() as db:
            row = db.execute(_DRAW, {"sandbox_id": sandbox, "now": utc_now()}).one_or_none()
            waiting = outbox.count_open(sandbox, db)
            if waiting >= cap:
                raise OverLimit("queued_messages", cap, "let the workers catch up first")
            if row:
                backpressure.check_order(db, sandbox, sandboxes.DEFAULTS | row.settings, waiting)
    except OverLimit as full:
        events.append(sandbox, events.RequestRefused(reason=full.cap))
        raise
    if row is None:  # it sleeps, or it is gone
        sandboxes.wake(sandbox)
        sandboxes.settings_of(sandbox)
        return admit(sandbox)
    return row.last_order, sandboxes.DEFAULTS | row.settings


def _answered(order: Order, outcome: str, began: float, handed_over: bool) -> float:
    """Write down how it ended for the customer; the seconds that she has waited."""
    with begin() as db:
        waited_s = round(time.monotonic() - began, 3)
        told = events.CustomerAnswered(order=order.number, checkout=order.checkout, outcome=outcome, waited_s=waited_s)
        enqueued = outbox.note_enqueued(CompleteOrder(order.sandbox, order.number), db) if handed_over else []
        db.execute(_ANSWER, {"of": order.sandbox, "order_number": order.number, "now": utc_now(), "waited": waited_s})
        if outcome == "failed":
            db.execute(_CUT_OFF, {"of": order.sandbox, "order_number": order.number, "now": utc_now()})
        events.append(order.sandbox, *enqueued, told, db=db)
    return waited_s
