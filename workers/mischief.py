"""What a reader may do to single messages: one that always fails, and one that is delivered again."""

from __future__ import annotations

from sqlalchemy import Row, insert, select

from workers import events, history, places, placing, queues, sandboxes
from workers.connections import broker
from workers.database import begin, read, utc_now
from workers.errors import NoMessage
from workers.messages import CompleteOrder
from workers.placing import Answer
from workers.shop.mail import NOWHERE
from workers.shop.orders import Order
from workers.shop.receipts import DEADLY
from workers.tables import mischief
from workers.tables import outbox as outbox_rows

POISON = f"nobody@nowhere{NOWHERE}"
ADDRESSES = {"error": POISON, "deadly": f"nobody{DEADLY}"}


def place_poison(sandbox: str, began: float, kind: str = "error") -> Answer:
    """Place an order that cannot be completed: the mail server refuses its e-mail, or its receipt is deadly.

    Raises what `placing.place` does.
    """
    answer = placing.place(Order(sandbox, 0, email=ADDRESSES[kind]), began)
    note(sandbox, "poison", events.PoisonPlaced(order=answer.order.number, kind=kind))
    return answer


def duplicate(sandbox: str, order: int) -> str:
    """Put an order's message on its queue once more; the message's id. Raises UnknownOrder and NoMessage."""
    message = CompleteOrder.decode(_row(sandbox, order).payload)
    sandboxes.wake(sandbox)
    if not places.repeat(broker(), sandbox, message.id):
        queues.enqueue(message)
    again = events.MessageRedelivered(order=order, message=message.id, reason="duplicated")
    note(sandbox, "duplicate", again)
    return message.id


def note(sandbox: str, kind: str, event: events.Event) -> None:
    """What was done counts as chaos, and is in the record."""
    with begin() as db:
        db.execute(insert(mischief).values(sandbox=sandbox, kind=kind, at=utc_now()))
        events.append(sandbox, event, db=db)


def _row(sandbox: str, order: int) -> Row[tuple[object, ...]]:
    mine = select(outbox_rows).where(outbox_rows.c.sandbox == sandbox, outbox_rows.c.order == order)
    with read() as db:
        row = db.execute(mine).one_or_none()
    if row is None:
        history.order(sandbox, order)
        raise NoMessage(f"Order {order} has no message: its customer waited for all steps, or it was never sent.")
    if row.dead_at is not None:
        raise NoMessage(f"The message of order {order} is a dead letter: replay it, if it has not been deleted.")
    return row
