"""Orders of any trade whose reader says which steps are done in the request, and which by a worker."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from workers import outbox
from workers.attempts import Attempt
from workers.checkout import ORDER
from workers.errors import CardDeclined, NotAllowed, SoldOut
from workers.messages import CompleteOrder
from workers.shop import orders
from workers.shop.orders import Order
from workers.shop.steps import CHECKOUT
from workers.trades import TRADES


def check_out_as_designed(order: Order, request: Attempt) -> bool:
    """Do now what the reader wants done now, and leave one message for what she sorted into later."""
    later = order.later or ()
    now = [step for step in TRADES[order.trade] if step.name not in later]
    message = CompleteOrder(order.sandbox, order.number, design=design_of(order))
    for step in now:
        # With the order as the last step of the request, it and its message are one transaction here, too.
        committed_together = step is ORDER and later and step is now[-1]
        request.perform(step, order, **({"also": outbox.entry(message)} if committed_together else {}))
        if order.trade != CHECKOUT and step is now[0]:
            orders.record(order)  # none of its steps does: it is an order as soon as anything is done for it
    if not later:
        return False
    if order.trade != CHECKOUT:
        orders.record(order, also=outbox.entry(message))
    elif now[-1:] != [ORDER]:
        outbox.enter(message)
    return outbox.hand_over(message)


def design_of(order: Order) -> dict[str, Any]:
    """What a worker cannot read from the order's row, which this design may have left to it."""
    design = {"later": list(order.later or ()), "email": order.email, "card": order.card}
    return design if order.trade == CHECKOUT else design | {"trade": order.trade}


def complete_design(order: Order, worker: Attempt) -> None:
    """Do the steps that the reader left for later, in the story's order.

    Who was told success has gone, so nobody can be told of a refusal. What was sold is shipped all the same; what
    somebody may not see, or somebody else has, she may wait for as long as she likes.
    """
    with suppress(NotAllowed, SoldOut):
        for step in TRADES[order.trade]:
            if step.name in (order.later or ()):
                with suppress(CardDeclined):
                    worker.perform(step, order)
