"""Messages that were acknowledged before the work: which living worker is still at the work of each.

The broker has forgotten them and their rows are closed, so only the worker's own row tells that they are not lost.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select, update

from workers import events
from workers.database import begin, read
from workers.failures import Failure
from workers.messages import CompleteOrder, order_of
from workers.tables import workers

# As in the index, so that looking costs the same however many workers have died here.
_AT_WORK = workers.c.ended_at.is_(None) & workers.c.early.is_not(None)


def began(rq_name: str, message: CompleteOrder) -> None:
    """From now on this worker is all that is left of the message; its death ends that by itself."""
    with begin() as db:
        _note(db, rq_name, message.id)


def ended(rq_name: str) -> None:
    """It is no longer at it."""
    with begin() as db:
        _note(db, rq_name, None)


def abandoned(rq_name: str, failure: Failure) -> None:
    """A step failed: the work ends here, and nobody tries it again."""
    message, attempt = failure.message, failure.attempt
    about: dict[str, Any] = {"order": message.order, "message": message.id, "worker": attempt.worker}
    told = events.MessageAbandoned(**about, step=attempt.step, attempt=attempt.number, error=failure.text)
    with begin() as db:
        _note(db, rq_name, None)
        events.append(message.sandbox, told, db=db)


def at_work(sandbox: str) -> Select[Any]:
    """The messages of the sandbox that a living worker is at, although they were acknowledged."""
    return select(workers.c.early).where(workers.c.sandbox == sandbox, _AT_WORK)


def of_worker(rq_name: str) -> str | None:
    """The message of this worker; when it has ended, the one that it left undone."""
    with read() as db:
        return db.execute(select(workers.c.early).where(workers.c.rq_name == rq_name)).scalar_one_or_none()


def left_by(rq_name: str) -> dict[str, Any]:
    """What a worker that has ended leaves undone, in the words of an event."""
    message = of_worker(rq_name)
    return {"order": order_of(message), "message": message} if message else {}


def _note(db: Connection, rq_name: str, message: str | None) -> None:
    mine = update(workers).where(workers.c.rq_name == rq_name, workers.c.ended_at.is_(None))
    db.execute(mine.values(early=message))
