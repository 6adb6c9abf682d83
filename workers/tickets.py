"""Tickets of small messages: accepted at the door, counted by a worker, and found again if they are nowhere."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import bindparam, insert, select, update

from workers import backpressure, events, queues, sandboxes
from workers.database import begin, utc_now
from workers.errors import OverLimit, UnknownSandbox
from workers.messages import CountEvents
from workers.tables import counted_events, tickets
from workers.tables import sandboxes as sandbox_rows

SMALL_AT_MOST = 10  # in one ticket
SHED_AT_MOST = 500  # in one transaction
SMALL_S = 0.01  # of the story: what a worker needs for one small message

# Locked, so that two who come at the same moment do not both find the last place free.
_SETTINGS = (
    select(sandbox_rows.c.settings, sandbox_rows.c.awake).where(sandbox_rows.c.id == bindparam("of")).with_for_update()
)
_ENTER = insert(tickets)
_CLOSE = (
    update(tickets)
    .where(tickets.c.message == bindparam("of"), tickets.c.closed_at.is_(None))
    .values(
        closed_at=bindparam("now"),
        worker=bindparam("by"),
        waited_s=bindparam("waited_s"),
        worked_s=bindparam("worked_s"),
        outside_s=bindparam("outside_s"),
    )
)
_EFFECT = insert(counted_events)


def accept(sandbox: str, about: str, small: Sequence[str], **wanted: Any) -> CountEvents:
    """Commit a ticket and put it on its queue; one that the broker does not take now is found by the audit.

    Raises OverLimit, UnknownSandbox and HouseFull.
    """
    message = CountEvents(sandbox, secrets.token_hex(6), about, list(small), round(time.time(), 3), **wanted)
    try:
        settings = _commit(message)
    except OverLimit as error:
        events.append(sandbox, events.RequestRefused(reason=error.cap, small=len(small)))
        raise
    if settings is None:  # it sleeps
        sandboxes.wake(sandbox)
        return accept(sandbox, about, small, **wanted)
    hand_over(message, "prioritise" in backpressure.answers(settings))
    return message


def hand_over(message: CountEvents, prioritised: bool) -> None:
    """Put a committed ticket on its queue, if the broker is there."""
    try:
        queues.enqueue_ticket(message, passed_by_others=prioritised and message.low)
    except RedisError:
        return


def close(message: CountEvents, worker: str, waited_s: float, worked_s: float, outside_s: float) -> bool:
    """The effect, the end of the ticket and the record of both, in one transaction; False if it was done already."""
    times = {"waited_s": round(waited_s, 3), "worked_s": round(worked_s, 3), "outside_s": round(outside_s, 3)}
    told: dict[str, Any] = {"message": message.id, "worker": worker, "about": message.about, **times}
    with begin() as db:
        if not db.execute(_CLOSE, {"of": message.id, "now": utc_now(), "by": worker, **times}).rowcount:
            return False
        effect = {"sandbox": message.sandbox, "message": message.id, "at": utc_now(), "events": message.events}
        db.execute(_EFFECT, effect)
        counted = events.TicketCounted(**told, small=len(message.events))
        events.append(message.sandbox, counted, db=db)
    return True


def shed(message: CountEvents, worker: str, older_than_s: float) -> int:
    """Drop a ticket and all that wait and are as old: closed without their effect, told, and taken off the queues.

    One by one they would be dropped no faster than they come, and nothing else would be done; the number of them.
    """
    now = utc_now()
    waits = tickets.c.sandbox == message.sandbox, tickets.c.about == message.about, tickets.c.closed_at.is_(None)
    as_old = (tickets.c.message == message.id) | (tickets.c.committed_at < now - timedelta(seconds=older_than_s))
    old = select(tickets.c.message, tickets.c.events, tickets.c.committed_at).where(*waits, as_old)
    with begin() as db:
        rows = db.execute(old.order_by(tickets.c.committed_at).limit(SHED_AT_MOST)).all()
        if not rows:
            return 0
        dropped = update(tickets).where(tickets.c.message.in_([row.message for row in rows]))
        db.execute(dropped.values(closed_at=now, shed=True, worker=worker))
        common: dict[str, Any] = {"worker": worker, "about": message.about}
        ages = [round((now - row.committed_at).total_seconds(), 3) for row in rows]
        told = [
            events.MessageShed(**common, message=row.message, small=row.events, age_s=age)
            for row, age in zip(rows, ages, strict=True)
        ]
        events.append(message.sandbox, *told, db=db)
    queues.forget_tickets(message.sandbox, [row.message for row in rows if row.message != message.id])
    return len(rows)


def _commit(message: CountEvents) -> dict[str, Any] | None:
    """Write the ticket down if there is room for it; the settings that hold, or None if the sandbox sleeps."""
    with begin() as db:
        row = db.execute(_SETTINGS, {"of": message.sandbox}).one_or_none()
        if row is None:
            raise UnknownSandbox("There is no such sandbox.")
        if not row.awake:
            return None
        settings: dict[str, Any] = sandboxes.DEFAULTS | row.settings
        backpressure.check_ticket(db, message.sandbox, settings, message.low)
        values = {"message": message.id, "sandbox": message.sandbox, "about": message.about}
        small = len(message.events)
        db.execute(_ENTER, values | {"events": small, "payload": message.encode(), "committed_at": utc_now()})
        accepted = events.TicketAccepted(message=message.id, about=message.about, small=small)
        events.append(message.sandbox, accepted, db=db)
    return settings
