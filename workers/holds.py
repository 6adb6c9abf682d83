"""Holds: for a while, workers stand before each action of one step until somebody lets them take it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, insert, select, update

from workers import barriers, events, fleet, sandboxes
from workers.database import begin, read, utc_now
from workers.errors import NobodyStands, NoHold, NoSuchWorker
from workers.tables import holds
from workers.tables import standing as standing_rows

LOOK_AGAIN_S = 0.02
# How the action that a worker was let take ended, when it did not lead to the next place.
_ENDS = {
    "WorkerHeld": "standing",
    "MessageAcknowledged": "acknowledged",
    "AcknowledgementIgnored": "acknowledged",
    "MessagePutOff": "put off",
    "WriteRefused": "refused",
    "RetryScheduled": "failed",
    "MessageDeadLettered": "failed",
    "WorkerCrashed": "died",
}


@dataclass(frozen=True)
class Hold:
    """Workers stand before each action of `step`, and before the acknowledgement."""

    step: str
    until: datetime


@dataclass(frozen=True)
class Standing:
    """A worker that stands before an action; `delivery` is the number of the delivery that it is at."""

    worker: str
    pid: int
    order: int
    delivery: int
    place: str
    since: datetime


@dataclass(frozen=True)
class Stepped:
    """What became of a worker that was let go on; `place` is where it stands, if it does.

    `outcome` is "standing", "acknowledged", "put off", "refused", "failed", "died", or "working" if it took too long.
    """

    worker: str
    outcome: str
    place: str | None = None


def start(sandbox: str, step: str, seconds: int) -> datetime:
    """From now on every worker stands at the step's actions; until when. A hold that goes on is over."""
    sandboxes.wake(sandbox)
    now = utc_now()
    until = now + timedelta(seconds=seconds)
    with begin() as db:
        sandboxes.settings_of(sandbox, db)  # locked, so that there is one hold at a time
        ended = _end(db, holds.c.sandbox == sandbox)
        db.execute(insert(holds).values(sandbox=sandbox, step=step, started_at=now, until=until))
        events.append(sandbox, *(told for _, told in ended), events.HoldStarted(step=step, seconds=seconds), db=db)
    return until


def end(sandbox: str) -> bool:
    """Nobody is held any more; False if nobody was to be."""
    return _end_all(holds.c.sandbox == sandbox) > 0


def end_the_due() -> int:
    """Say of every hold whose time is over that it has ended; the number of them."""
    over = holds.c.until <= utc_now()
    with read() as db:
        if db.execute(select(holds.c.id).where(holds.c.ended_at.is_(None), over)).first() is None:
            return 0
    return _end_all(over)


def of_sandbox(sandbox: str) -> Hold | None:
    """The hold that is in force."""
    with read() as db:
        row = db.execute(select(holds).where(*barriers.going_on(sandbox))).first()
    return Hold(row.step, row.until) if row else None


def standing(sandbox: str) -> list[Standing]:
    """Who stands, in the order of their names."""
    mine = select(standing_rows).where(standing_rows.c.sandbox == sandbox, standing_rows.c.released_at.is_(None))
    with read() as db:
        rows = db.execute(mine.order_by(standing_rows.c.worker)).all()
    return [Standing(row.worker, row.pid, row.order, row.delivery, row.place, row.since) for row in rows]


def release(sandbox: str, worker: str) -> None:
    """Let a worker take its next action. Raises NoSuchWorker, NoHold and NobodyStands."""
    if worker not in [row.name for row in fleet.living(sandbox)]:
        raise NoSuchWorker(f"There is no living worker {worker} here.")
    if of_sandbox(sandbox) is None:
        raise NoHold("No hold is in force here, so nobody stands.")
    mine = (standing_rows.c.sandbox == sandbox, standing_rows.c.worker == worker)
    stands = update(standing_rows).where(*mine, standing_rows.c.released_at.is_(None))
    with begin() as db:
        if not db.execute(stands.values(released_at=utc_now())).rowcount:
            raise NobodyStands(f"{worker} does not stand at a place of the hold.")
    barriers.ring(sandbox, worker)


def step(sandbox: str, worker: str, within_s: float = 10) -> Stepped:
    """Let a worker take its next action, and wait for what becomes of it. Raises what `release` does."""
    before = events.newest([sandbox]).get(sandbox, 0)
    release(sandbox, worker)
    end_at = time.monotonic() + within_s
    while time.monotonic() < end_at:
        for event in events.after(before, sandbox):
            before = event.sequence
            if event.worker == worker and event.type in _ENDS:
                return Stepped(worker, _ENDS[event.type], event.details.get("place"))
        time.sleep(LOOK_AGAIN_S)
    return Stepped(worker, "working")


def _end_all(which: ColumnElement[bool]) -> int:
    with begin() as db:
        ended = _end(db, which)
        for sandbox, told in ended:
            events.append(sandbox, told, db=db)
    for sandbox, _ in ended:
        barriers.ring(sandbox, *(stands.worker for stands in standing(sandbox)))
    return len(ended)


def _end(db: Connection, which: ColumnElement[bool]) -> list[tuple[str, events.Event]]:
    """End the holds that go on, and what is to be said of it in which sandbox."""
    going_on = update(holds).where(which, holds.c.ended_at.is_(None)).values(ended_at=utc_now())
    rows = db.execute(going_on.returning(holds.c.sandbox, holds.c.step))
    return [(row.sandbox, events.HoldEnded(step=row.step)) for row in rows]
