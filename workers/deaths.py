"""Workers that died with a message in their hands: counted by message, until it is taken for the cause.

No handler of errors ever runs in a killed process. Whoever writes the worker off counts, in the same transaction, so
each death counts once. Which of them the message caused nobody can tell; so all of them count.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workers import events
from workers.database import utc_now
from workers.errors import UnknownSandbox
from workers.events import WorkerCrashed
from workers.messages import order_of
from workers.sandboxes import settings_of
from workers.tables import dead_letters, event_log, outbox

GROUP = "worker died"


def count(db: Connection, sandbox: str, message: str) -> int | None:
    """Count a death against a message; how many there were if that is as many as are allowed."""
    try:
        limit = int(settings_of(sandbox, db)["deaths"])
    except UnknownSandbox:
        return None
    mine = (outbox.c.message == message, outbox.c.sandbox == sandbox)
    alive = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
    one_more = update(outbox).where(*mine, *alive).values(deaths=outbox.c.deaths + 1).returning(outbox.c.deaths)
    deaths = db.execute(one_more).scalar_one_or_none()
    return deaths if deaths and deaths >= limit else None


def put_aside(db: Connection, sandbox: str, message: str, deaths: int, crash: WorkerCrashed) -> datetime:
    """Make it a dead letter, with what is known of the workers that died with it; since when it is one."""
    at, order, step = utc_now(), order_of(message), _step_of(db, sandbox, message, crash.worker)
    db.execute(update(outbox).where(outbox.c.message == message).values(dead_at=at, due_at=None))
    died = _crashes(db, sandbox, message, deaths)
    where = f" at the step “{step}”" if step else ""
    with_it = "1 worker has" if deaths == 1 else f"{deaths} workers have"
    error = f"{with_it} died with this message. The last was {crash.worker}, pid {crash.pid}: {crash.signal}{where}."
    told = [f"  {row.at:%H:%M:%S} UTC: worker {row.worker}, {row.details['signal']}" for row in died]
    known = "\n".join(["No error was raised, so there is no traceback. What was seen from outside:", *told])
    row: dict[str, Any] = {
        "message": message,
        "sandbox": sandbox,
        "order": order,
        "step": step,
        "error_group": GROUP,
        "error": error,
    }
    row |= {"traceback": known, "attempts": deaths, "first_failed_at": died[0].at if died else at, "dead_at": at}
    db.execute(insert(dead_letters).values(**row))
    about: dict[str, Any] = {"order": order, "message": message, "worker": crash.worker, "step": step}
    events.append(sandbox, events.MessageDeadLettered(**about, group=GROUP, error=error), db=db)
    return at


def _crashes(db: Connection, sandbox: str, message: str, count: int) -> list[Any]:
    """The newest deaths of workers that had the message under a lease, at most so many, oldest first."""
    died = (event_log.c.sandbox == sandbox, event_log.c.type == "WorkerCrashed", event_log.c.message == message)
    newest = select(event_log).where(*died).order_by(event_log.c.sequence.desc()).limit(count)
    return list(db.execute(newest))[::-1]


def _step_of(db: Connection, sandbox: str, message: str, worker: str | None) -> str | None:
    """The step that the worker was at: it had begun, and not ended."""
    its: Any = (event_log.c.sandbox == sandbox, event_log.c.message == message, event_log.c.worker == worker)
    steps = event_log.c.type.in_(("StepStarted", "StepFinished", "StepFailed"))
    newest = select(event_log.c.type, event_log.c.step).where(*its, steps).order_by(event_log.c.sequence.desc())
    row = db.execute(newest.limit(1)).one_or_none()
    return row.step if row and row.type == "StepStarted" else None
