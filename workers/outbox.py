"""The outbox: messages committed with their order, relayed to the queue, closed when their work is acknowledged."""

from __future__ import annotations

from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from workers import events, queues
from workers.database import begin, utc_now
from workers.messages import CompleteOrder
from workers.shop.orders import Also
from workers.tables import outbox

_ENTER = insert(outbox)
_NOTE = (
    update(outbox)
    .where(outbox.c.message == bindparam("of"), outbox.c.enqueued_at.is_(None))
    .values(enqueued_at=bindparam("now"))
)
_TO_DO = select(func.count()).where(
    outbox.c.sandbox == bindparam("of"), outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None)
)


def entry(message: CompleteOrder) -> Also:
    """The outbox row of a message, to be written in the transaction that commits its order."""

    def write(db: Connection) -> None:
        values = {"sandbox": message.sandbox, "order": message.order, "payload": message.encode(), "deliveries": 0}
        row = {"message": message.id, "kind": message.kind, "committed_at": utc_now()}
        db.execute(_ENTER, values | row)

    return write


def enter(message: CompleteOrder) -> None:
    """The same in a transaction of its own: for a message whose order is not committed with it."""
    with begin() as db:
        entry(message)(db)


def relay(message: CompleteOrder) -> bool:
    """Hand a committed message over and note it; False if the broker is away."""
    if not hand_over(message):
        return False
    with begin() as db:
        events.append(message.sandbox, *note_enqueued(message, db), db=db)
    return True


def hand_over(message: CompleteOrder) -> bool:
    """Put a committed message on its queue; False if the broker is away, and the supervisor will relay it."""
    try:
        queues.enqueue(message)
    except RedisError:
        return False
    return True


def note_enqueued(message: CompleteOrder, db: Connection) -> list[events.Event]:
    """The queue has the message, and the relay nothing more to do for it; what is to be said of it, once."""
    if not db.execute(_NOTE, {"of": message.id, "now": utc_now()}).rowcount:
        return []
    return [events.MessageEnqueued(order=message.order, message=message.id, queue="checkout")]


def taken(message: CompleteOrder, worker: str, lease_s: int, renewed: bool = True) -> int | None:
    """Note that a worker took the message; the number of this delivery, or None if it is not to be worked on.

    It is not when its sandbox was deleted, and not when it is a dead letter.
    """
    mine = update(outbox).where(outbox.c.message == message.id, outbox.c.dead_at.is_(None))
    bump = mine.values(deliveries=outbox.c.deliveries + 1, taken_at=utc_now(), due_at=None)
    with begin() as db:
        number = db.execute(bump.returning(outbox.c.deliveries)).scalar_one_or_none()
        if number is not None:
            about: dict[str, Any] = {"order": message.order, "message": message.id, "worker": worker, "attempt": number}
            took = events.MessageTaken(**about, lease_s=lease_s, renewed=renewed)
            events.append(message.sandbox, took, db=db)
    return number


def close(message: CompleteOrder, worker: str | None, attempt: int | None) -> None:
    """The broker has the acknowledgement: the row is closed, once; a dead letter's only when that is deleted."""
    _close(message, worker, attempt)


def close_early(message: CompleteOrder, worker: str, attempt: int) -> None:
    """The broker has the acknowledgement, and the work has yet to begin."""
    _close(message, worker, attempt, early=True)


def close_late(message: CompleteOrder, worker: str, attempt: int) -> bool:
    """The work is done, but its lease was lost: the row is closed only if nobody has taken the message since.

    The number of the delivery is the fence: whoever took it later is in charge of it.
    """
    return _close(message, worker, attempt, outbox.c.deliveries == attempt)


def _close(
    message: CompleteOrder,
    worker: str | None,
    attempt: int | None,
    *fences: ColumnElement[bool],
    early: bool = False,
) -> bool:
    alive = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
    mine = update(outbox).where(outbox.c.message == message.id, *alive, *fences)
    about: dict[str, Any] = {"order": message.order, "message": message.id, "worker": worker, "attempt": attempt}
    acknowledged = events.MessageAcknowledged(**about, early=early)
    with begin() as db:
        closed = db.execute(mine.values(closed_at=utc_now(), due_at=None, early=early)).rowcount > 0
        if closed:
            events.append(message.sandbox, acknowledged, db=db)
    return closed


def count_open(sandbox: str, db: Connection) -> int:
    """Messages of the sandbox whose work is still to be done: not acknowledged, and no dead letters."""
    return int(db.execute(_TO_DO, {"of": sandbox}).scalar_one())
