"""The board on which wishes are left (crashes) and on which the supervisor writes which workers live."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, insert, or_, select, update

from workers import checkout, deaths, events, sandboxes
from workers.database import begin, read, utc_now
from workers.errors import NoSuchWorker, NoWorkerAlive, SupervisorAway
from workers.tables import crashes, standing, workers

ARMED_FOR_S = 60
ANSWER_WITHIN_S = 3.0
DEAD_SHOWN_S = 15
# Where a worker passes at every step; the three in the middle only under the strategies that have such an action.
PASSES = ("before", "check", "claim", "in", "mark", "after")
PLACES = (
    "now",
    *(f"{side}:{step.name}" for step in checkout.LATER for side in PASSES),
    "before_ack",
)
# The victim that is no worker: the process of the next `later` checkout, and the one place where it can be killed.
CHECKOUT, BETWEEN = "checkout", "between"


@dataclass(frozen=True)
class Crash:
    """A wished crash; `worker` and `pid` are None until a victim has got to the place."""

    id: int
    sandbox: str
    victim: str
    place: str
    worker: str | None = None
    pid: int | None = None


def wish_crash(sandbox: str, victim: str, place: str) -> Crash:
    """Ask the supervisor to kill a worker, now or at a named place, or the next checkout between commit and enqueue.

    Raises NoSuchWorker, NoWorkerAlive (only for "now") and SupervisorAway.
    """
    if victim != CHECKOUT and not possible_victims(sandbox, victim) and place == "now":
        raise NoWorkerAlive("No worker is alive. Add one, or place an order, which starts them.")
    sandboxes.wake(sandbox)
    state = "wished" if place == "now" else "armed"
    with begin() as db:
        row = {"sandbox": sandbox, "victim": victim, "place": place, "state": state, "wished_at": utc_now()}
        number = db.execute(insert(crashes).values(**row).returning(crashes.c.id)).scalar_one()
        if place != "now":
            events.append(sandbox, events.CrashArmed(place=place), db=db)
    return _killed(number) if place == "now" else Crash(number, sandbox, victim, place)


def possible_victims(sandbox: str, victim: str) -> list[Row[Any]]:
    """The living workers, "any" of whom or the one of that name is meant. Raises NoSuchWorker."""
    alive = living(sandbox)
    names = [row.name for row in alive]
    if victim != "any" and victim not in names:
        raise NoSuchWorker(f"There is no living worker {victim} here; alive are: {', '.join(names) or 'none'}.")
    return alive


def _killed(number: int) -> Crash:
    """Wait until the supervisor has acted."""
    end = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < end:
        with read() as db:
            row = db.execute(select(crashes).where(crashes.c.id == number)).one()
        if row.state == "done":
            return _crash(row)
        if row.state == "expired":
            raise NoWorkerAlive("The worker ended before it could be killed. Look again which are alive.")
        time.sleep(0.02)
    raise SupervisorAway("The supervisor did not answer; it is restarted by itself, so try again in a few seconds.")


def claim_crash(sandbox: str, worker: str, pid: int, place: str) -> bool:
    """For a worker at a named place: True if it is the one that has to die here."""
    first = select(crashes.c.id).where(*armed(sandbox, worker, place)).order_by(crashes.c.id).limit(1)
    mine = update(crashes).where(crashes.c.id == first.scalar_subquery(), crashes.c.state == "armed")
    with begin() as db:
        return db.execute(mine.values(state="reached", worker=worker, pid=pid)).rowcount == 1


def crash_waits(sandbox: str, worker: str, place: str) -> ColumnElement[bool]:
    """Whether a crash is armed for this worker at this place."""
    return exists().where(*armed(sandbox, worker, place))


def armed(sandbox: str, worker: str, place: str) -> tuple[ColumnElement[bool], ...]:
    """What is true of a crash that waits for this worker at this place."""
    waiting = (crashes.c.state == "armed", crashes.c.sandbox == sandbox, crashes.c.place == place)
    for_me = or_(crashes.c.victim == "any", crashes.c.victim == worker)
    now = utc_now()
    fresh = crashes.c.wished_at.between(now - timedelta(seconds=ARMED_FOR_S), now)  # a drill's may be for later
    return *waiting, for_me, fresh


def due_crashes() -> list[Crash]:
    """Wishes that the supervisor has to carry out at once."""
    with read() as db:
        rows = db.execute(select(crashes).where(crashes.c.state.in_(("wished", "reached"))).order_by(crashes.c.id))
        return [_crash(row) for row in rows]


def crash_done(number: int, worker: str, pid: int) -> None:
    """The victim's process has ended."""
    _set_state(number, state="done", worker=worker, pid=pid)


def crash_missed(crash: Crash) -> None:
    """There was nobody left to kill."""
    _set_state(crash.id, state="expired")


def disarm(sandbox: str) -> None:
    """Take back every crash that has not happened yet."""
    waiting = update(crashes).where(crashes.c.sandbox == sandbox, crashes.c.state == "armed")
    with begin() as db:
        db.execute(waiting.values(state="disarmed"))


def living(sandbox: str) -> list[Row[Any]]:
    """Rows of the workers whose process has not ended, oldest first."""
    return living_in([sandbox])[sandbox]


def living_in(named: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """The same for many sandboxes at once."""
    alive = select(workers).where(workers.c.sandbox.in_(named), workers.c.ended_at.is_(None))
    found: dict[str, list[Row[Any]]] = {sandbox: [] for sandbox in named}
    with read() as db:
        for row in db.execute(alive.order_by(workers.c.id)):
            found[row.sandbox].append(row)
    return found


def recently_dead(sandbox: str) -> set[str]:
    """Names that are still shown as dead, and so not free."""
    since = utc_now() - timedelta(seconds=DEAD_SHOWN_S)
    return {row.name for row in dead_since(sandbox, since)}


def dead_since(sandbox: str, since: datetime) -> list[Row[Any]]:
    """Crashed workers that ended after `since`, or whose message is not back yet."""
    recent = or_(workers.c.ended_at > since, workers.c.back_at > utc_now())
    dead = select(workers).where(workers.c.sandbox == sandbox, workers.c.crashed, recent)
    with read() as db:
        return list(db.execute(dead.order_by(workers.c.id)))


def born(sandbox: str, name: str, rq_name: str, pid: int, supervisor: str) -> None:
    """A worker process exists."""
    row = {"sandbox": sandbox, "name": name, "rq_name": rq_name, "pid": pid, "supervisor": supervisor}
    with begin() as db:
        db.execute(insert(workers).values(**row, started_at=utc_now()))
        events.append(sandbox, events.WorkerStarted(worker=name, pid=pid), db=db)


def leaving(rq_name: str) -> None:
    """A worker was asked to end after the message that it is at."""
    with begin() as db:
        db.execute(update(workers).where(workers.c.rq_name == rq_name).values(leaving=True))


def ended(
    rq_name: str, sandbox: str, event: events.WorkerStopped | events.WorkerCrashed, left: Sequence[str] = ()
) -> dict[str, datetime]:
    """A worker process is gone; the row and the event say the same. A death counts against what it left, once.

    Those messages that are dead letters now, because too many workers died with them, and since when.
    """
    crashed = isinstance(event, events.WorkerCrashed)
    mine = update(workers).where(workers.c.rq_name == rq_name, workers.c.ended_at.is_(None))
    with begin() as db:
        db.execute(delete(standing).where(standing.c.sandbox == sandbox, standing.c.worker == event.worker))
        if not db.execute(mine.values(ended_at=utc_now(), crashed=crashed, held=event.message)).rowcount:
            return {}
        if isinstance(event, events.WorkerCrashed):
            return _count_death(db, rq_name, sandbox, event, left)
        events.append(sandbox, event, db=db)
        return {}


def _count_death(
    db: Connection, rq_name: str, sandbox: str, crash: events.WorkerCrashed, left: Sequence[str]
) -> dict[str, datetime]:
    counted = {message: deaths.count(db, sandbox, message) for message in left}
    too_many = {message: count for message, count in counted.items() if count}
    if crash.message in too_many:
        crash = replace(crash, back_at=None)
    back_at = datetime.fromisoformat(crash.back_at) if crash.back_at else None
    db.execute(update(workers).where(workers.c.rq_name == rq_name).values(back_at=back_at))
    events.append(sandbox, crash, db=db)
    return {message: deaths.put_aside(db, sandbox, message, count, crash) for message, count in too_many.items()}


def of_supervisor(supervisor: str) -> list[Row[Any]]:
    """Workers that a supervisor of this name has not written off."""
    mine = select(workers).where(workers.c.supervisor == supervisor, workers.c.ended_at.is_(None))
    with read() as db:
        return list(db.execute(mine))


def _set_state(number: int, **values: Any) -> None:
    with begin() as db:
        db.execute(update(crashes).where(crashes.c.id == number).values(**values))


def _crash(row: Row[Any]) -> Crash:
    return Crash(row.id, row.sandbox, row.victim, row.place, row.worker, row.pid)
