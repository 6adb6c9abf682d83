"""The two checkouts: the same nine steps, at different times."""

from __future__ import annotations

from workers import outbox
from workers.attempts import Attempt, Step
from workers.messages import CompleteOrder
from workers.shop import analytics, audit, inventory, loyalty, mail, orders, partner, payment, receipts
from workers.shop.orders import Order

PAYMENT = Step("payment", 0.8, "charge the payment", payment.charge)
ORDER = Step("order", 0.1, "record the order", orders.record, connects=True)
LATER = (
    Step("email", 2.0, "send the e-mail", mail.send_confirmation),
    Step("pdf", 3.0, "make the receipt", receipts.make_receipt),
    Step("inventory", 2.0, "update stock", inventory.update_stock, connects=True),
    Step("analytics", 1.0, "tell analytics", analytics.record_sale, connects=True),
    Step("webhook", 2.0, "call the partner", partner.notify),
    Step("audit", 1.0, "write the audit log", audit.write_entry, connects=True),
    Step("loyalty", 0.9, "award points", loyalty.award_points, connects=True),
)
STEPS = (PAYMENT, ORDER, *LATER)


def check_out_now(order: Order, request: Attempt) -> None:
    """Do all nine steps while the customer waits."""
    for step in STEPS:
        request.perform(step, order)


def check_out_later(order: Order, request: Attempt) -> bool:
    """Do two steps now, and leave one message for the rest."""
    request.perform(PAYMENT, order)
    message = CompleteOrder(order.sandbox, order.number)
    # One transaction: the order and its message, or neither.
    request.perform(ORDER, order, also=outbox.entry(message))
    request.reach("between")
    return outbox.hand_over(message)


def commit_then_enqueue(order: Order, request: Attempt) -> bool:
    """The same without an outbox: who dies between the two leaves an order of which no message tells."""
    request.perform(PAYMENT, order)
    request.perform(ORDER, order)
    request.reach("between")
    outbox.send(CompleteOrder(order.sandbox, order.number, promised=False))
    return True


def enqueue_then_commit(order: Order, request: Attempt) -> bool:
    """The other way round: who dies between the two leaves a message about an order that there is not."""
    request.perform(PAYMENT, order)
    outbox.send(CompleteOrder(order.sandbox, order.number, promised=False))
    request.reach("between")
    request.perform(ORDER, order)
    return True


# By the setting `handover`; a worker may be faster than a commit that comes second.
HANDOVERS = {
    "outbox": check_out_later,
    "commit_then_enqueue": commit_then_enqueue,
    "enqueue_then_commit": enqueue_then_commit,
}


def complete_order(order: Order, worker: Attempt) -> None:
    """Do the seven steps that nobody waits for."""
    for step in LATER:
        worker.perform(step, order)
