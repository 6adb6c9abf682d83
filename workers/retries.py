"""What becomes of work that failed: tried again after a pause, or, after the last of its tries, a dead letter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workers import events
from workers.backoff import BACKOFFS
from workers.database import begin, utc_now
from workers.errors import CircuitOpen
from workers.failures import Failure
from workers.messages import CompleteOrder
from workers.sandboxes import settings_of
from workers.tables import dead_letters, event_log, outbox

# So often a message waits for the breaker for free; each time that the circuit is open after that is a failed try.
HELD_BACK_AT_MOST = 40
SPREAD_S = 3.0


@dataclass(frozen=True)
class Verdict:
    """What comes of a failure: "retry" at `at` (None: at once), "dead" since `at`, or "over" if it was done anyway."""

    fate: str
    at: datetime | None = None


def judge(failure: Failure) -> Verdict:
    """Count the failure and decide, in one transaction; the broker is told afterwards. Raises UnknownSandbox."""
    settings = settings_of(failure.message.sandbox)
    alive = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None))
    mine = update(outbox).where(outbox.c.message == failure.message.id)
    count = mine.where(*alive).values(failures=outbox.c.failures + 1).returning(outbox.c.failures)
    with begin() as db:
        if isinstance(failure.error, CircuitOpen) and (due_at := _hold_back(db, failure, failure.error)):
            return Verdict("retry", due_at)
        failures = db.execute(count).scalar_one_or_none()
        if failures is None:
            return Verdict("over")
        if failures >= int(settings["attempts"]):
            at = utc_now()
            db.execute(mine.values(dead_at=at, due_at=None))
            _write_letter(db, failure, failures, at)
            return Verdict("dead", at)
        pause_s = round(BACKOFFS[str(settings["backoff"])](failures), 3)
        due_at = utc_now() + timedelta(seconds=pause_s)
        db.execute(mine.values(due_at=due_at if pause_s else None))
        _say(db, failure, events.RetryScheduled, delay_s=pause_s, due_at=due_at.isoformat(), error=failure.text)
        return Verdict("retry", due_at if pause_s else None)


def _hold_back(db: Connection, failure: Failure, error: CircuitOpen) -> datetime | None:
    """When it is due again, without a try counted; None if it has been held back too often, or is over."""
    waiting = (outbox.c.closed_at.is_(None), outbox.c.dead_at.is_(None), outbox.c.spared < HELD_BACK_AT_MOST)
    # Not all at once: the circuit would close, and the whole herd would be there.
    delay_s = round(error.wait_s + random.uniform(0, SPREAD_S), 3)
    due_at = utc_now() + timedelta(seconds=delay_s)
    mine = update(outbox).where(outbox.c.message == failure.message.id, *waiting)
    if not db.execute(mine.values(spared=outbox.c.spared + 1, due_at=due_at)).rowcount:
        return None
    _say(db, failure, events.MessageHeldBack, delay_s=delay_s, due_at=due_at.isoformat())
    return due_at


def _write_letter(db: Connection, failure: Failure, failures: int, at: datetime) -> None:
    message = failure.message
    row = {"message": message.id, "sandbox": message.sandbox, "order": message.order, "step": failure.attempt.step}
    why = {"error_group": failure.group, "error": failure.text, "traceback": failure.traceback}
    first = _first_failed_at(db, message, failures - 1) or at
    db.execute(insert(dead_letters).values(**row, **why, attempts=failures, first_failed_at=first, dead_at=at))
    _say(db, failure, events.MessageDeadLettered, group=failure.group, error=failure.text)


def _first_failed_at(db: Connection, message: CompleteOrder, earlier: int) -> datetime | None:
    """When the first of so many earlier failures was; those before a replay do not count any more."""
    log = event_log.c
    failed = (log.sandbox == message.sandbox, log.order == message.order, log.type == "RetryScheduled")
    newest = select(log.at).where(*failed).order_by(log.sequence.desc()).limit(earlier)
    times = list(db.execute(newest).scalars()) if earlier else []
    return times[-1] if times else None


def _say(db: Connection, failure: Failure, kind: type[events.Event], **details: Any) -> None:
    message, attempt = failure.message, failure.attempt
    common: dict[str, Any] = {"order": message.order, "message": message.id, "worker": attempt.worker}
    told = kind(**common, step=attempt.step, attempt=attempt.number, **details)
    events.append(message.sandbox, told, db=db)
