"""Many orders in one piece, as from a market stall at closing time: all but the call to the partner is done already."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import update

from workers import events, outbox, queues, sandboxes
from workers.attempts import Attempt
from workers.checkout import STEPS
from workers.database import begin
from workers.designs import design_of
from workers.errors import OverLimit, UnknownSandbox
from workers.messages import CompleteOrder
from workers.shop.orders import Order
from workers.tables import sandboxes as sandbox_rows

LEFT = "webhook"
AT_ONCE = 4
WITHOUT_PADDING = 1000  # the steps are done for real, in the time that they really take


def prepare(sandbox: str, count: int) -> list[CompleteOrder]:
    """Place so many orders and do eight of their steps; the messages of what is left. Raises OverLimit."""
    cap = sandboxes.CAPS["queued_messages"]
    with begin() as db:
        if outbox.count_open(sandbox, db) + count > cap:
            raise OverLimit("queued_messages", cap, "let the workers catch up first")
    first = _draw(sandbox, count)
    blank = Order(sandbox, 0, later=(LEFT,))
    orders = [replace(blank, number=first + index, email=f"stall-{index + 1}@example.com") for index in range(count)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_do_all_but_one, orders))


def send(messages: Sequence[CompleteOrder]) -> None:
    """Write all of them into the outbox in one transaction, and put them on the queue in one piece."""
    sandbox = messages[0].sandbox
    told = events.BatchPlaced(first=messages[0].order, count=len(messages))
    with begin() as db:
        for message in messages:
            outbox.entry(message)(db)
        events.append(sandbox, told, db=db)
    queues.enqueue_anew(sandbox, messages)
    with begin() as db:
        enqueued = [event for message in messages for event in outbox.note_enqueued(message, db)]
        events.append(sandbox, *enqueued, db=db)


def _draw(sandbox: str, count: int) -> int:
    """So many order numbers in a row; the first of them."""
    mine = update(sandbox_rows).where(sandbox_rows.c.id == sandbox)
    drawn = mine.values(last_order=sandbox_rows.c.last_order + count).returning(sandbox_rows.c.last_order)
    with begin() as db:
        last = db.execute(drawn).scalar_one_or_none()
    if last is None:
        raise UnknownSandbox("There is no such sandbox.")
    return int(last) - count + 1


def _do_all_but_one(order: Order) -> CompleteOrder:
    stall = Attempt("request", WITHOUT_PADDING, "off")
    for step in STEPS:
        if step.name != LEFT:
            stall.perform(step, order)
    return CompleteOrder(order.sandbox, order.number, design=design_of(order))
