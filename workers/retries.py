"""What becomes of work that failed: tried again after a pause, or, after the last of its tries, a dead letter."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workers import events
from workers.attempts import Attempt
from workers.database import begin, utc_now
from workers.errors import StepUnavailable
from workers.messages import CompleteOrder
from workers.sandboxes import settings_of
from workers.tables import dead_letters, event_log, outbox

FIXED_S, LONGEST_S = 2.0, 60.0
ERROR_AT_MOST, TRACEBACK_AT_MOST = 500, 20_000
_HOUSE = f"{Path(__file__).resolve().parent.parent}/"

# The pause after so many failures, in real seconds.
BACKOFFS: dict[str, Callable[[int], float]] = {
    "none": lambda failures: 0.0,
    "fixed": lambda failures: FIXED_S,
    "exponential": lambda failures: min(LONGEST_S, 2.0 ** (failures - 1)),
    "exponential_jitter": lambda failures: random.uniform(0, BACKOFFS["exponential"](failures)),
}


@dataclass(frozen=True)
class Failure:
    """A try that failed: which message's, whose (which knows at which step), and why."""

    message: CompleteOrder
    attempt: Attempt
    error: BaseException

    @property
    def group(self) -> str:
        """The kind of error at its step, by which dead letters are listed; never read from the error's text."""
        kind = self.error.kind if isinstance(self.error, StepUnavailable) else type(self.error).__name__
        return f"{self.attempt.step}: {kind}" if self.attempt.step else kind

    @property
    def text(self) -> str:
        return (str(self.error) or type(self.error).__name__)[:ERROR_AT_MOST]

    @property
    def traceback(self) -> str:
        """The last part of it, which says what happened; files are named from the house's own folder."""
        whole = "".join(traceback.format_exception(self.error))
        return whole.replace(_HOUSE, "")[-TRACEBACK_AT_MOST:]


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
