"""Placing an order: the customer's wait, from the press of the button to the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from sqlalchemy import update

from workers import events, outbox, sandboxes
from workers.attempts import Attempt
from workers.checkout import check_out_later, check_out_now
from workers.database import begin, utc_now
from workers.errors import CardDeclined, OverLimit
from workers.shop.orders import Order, next_number
from workers.tables import orders

CHECKOUTS = {"now": check_out_now, "later": check_out_later}


@dataclass(frozen=True)
class Answer:
    """What the customer is told: the order's number, and after how many seconds she saw success."""

    order: int
    waited_s: float


def place(wanted: Order) -> Answer:
    """Run a checkout as its customer sees it; the number of `wanted` is drawn here.

    Raises OverLimit, CardDeclined (there is no order then) and StepUnavailable.
    """
    began = time.monotonic()
    sandboxes.wake(wanted.sandbox)
    if outbox.count_open(wanted.sandbox) >= sandboxes.CAPS["queued_messages"]:
        events.append(wanted.sandbox, events.RequestRefused(reason="queued_messages"))
        raise OverLimit("queued_messages", sandboxes.CAPS["queued_messages"], "let the workers catch up first")
    order = replace(wanted, number=next_number(wanted.sandbox))
    settings = sandboxes.settings_of(order.sandbox)
    request = Attempt("request", float(settings["speed"]), str(settings["idempotency"]), due=began)
    started = events.CheckoutStarted(order=order.number, checkout=order.checkout, race=order.race)
    events.append(order.sandbox, started)
    outcome = "failed"
    try:
        CHECKOUTS[order.checkout](order, request)
        outcome = "success"
    except CardDeclined:
        outcome = "declined"
        raise
    finally:
        waited_s = round(time.monotonic() - began, 3)
        _answered(order, outcome, waited_s)
    return Answer(order.number, waited_s)


def _answered(order: Order, outcome: str, waited_s: float) -> None:
    mine = update(orders).where(orders.c.sandbox == order.sandbox, orders.c.number == order.number)
    told = events.CustomerAnswered(order=order.number, checkout=order.checkout, outcome=outcome, waited_s=waited_s)
    with begin() as db:
        db.execute(mine.values(answered_at=utc_now(), waited_s=waited_s))
        events.append(order.sandbox, told, db=db)
