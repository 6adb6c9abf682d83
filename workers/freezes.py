"""Wishes that a worker stands still for a while, left here for the supervisor, and what became of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from workers import events, fleet, sandboxes
from workers.database import begin, read, utc_now
from workers.errors import AlreadyFrozen, NoWorkerAlive, SupervisorAway
from workers.tables import freezes, workers

OVERDUE = timedelta(seconds=1)
STAND_S = 0.02
_NOBODY = "No worker is there that could be frozen. Add one, or place an order, which starts them."


@dataclass(frozen=True)
class Freeze:
    """A wished freeze of so many seconds; `worker` and `pid` are None until the process stands still."""

    id: int
    sandbox: str
    victim: str
    state: str  # "wished", or "armed" and then "reached" | "frozen" | "thaw" | "over" | "expired"
    seconds: float
    until: datetime
    worker: str | None = None
    pid: int | None = None
    place: str = "now"


def wish(sandbox: str, victim: str, seconds: int, place: str = "now") -> Freeze:
    """Ask the supervisor to stop a worker, and wait until it has; at a named place, whenever somebody gets there.

    Raises NoSuchWorker, and for "now" NoWorkerAlive, AlreadyFrozen and SupervisorAway.
    """
    if place != "now":
        return _arm(sandbox, victim, seconds, place)
    living = fleet.possible_victims(sandbox, victim)
    fitting = [row for row in living if victim in ("any", row.name)]
    if not fitting:
        raise NoWorkerAlive(_NOBODY)
    if all(row.frozen_at for row in fitting):
        raise AlreadyFrozen("It is frozen already; let it thaw first.")
    sandboxes.wake(sandbox)
    with begin() as db:
        number = _write(db, sandbox, victim, seconds, "now").id
    return _frozen(number)


def claim(sandbox: str, worker: str, pid: int, place: str) -> int | None:
    """For a worker at a named place: the wish for which it has to stand still here, if there is one."""
    armed = (freezes.c.state == "armed", freezes.c.sandbox == sandbox, freezes.c.place == place)
    for_me = freezes.c.victim.in_(("any", worker))
    fresh = freezes.c.wished_at > utc_now() - timedelta(seconds=fleet.ARMED_FOR_S)
    first = select(freezes.c.id).where(*armed, for_me, fresh).order_by(freezes.c.id).limit(1)
    with read() as db:
        if db.execute(first).first() is None:
            return None
    mine = update(freezes).where(freezes.c.id == first.scalar_subquery(), freezes.c.state == "armed")
    with begin() as db:
        reached = mine.values(state="reached", worker=worker, pid=pid).returning(freezes.c.id)
        return db.execute(reached).scalar_one_or_none()


def stand_still(number: int) -> None:
    """For the worker that has claimed it: wait here to be stopped, and until it is let go on."""
    end = time.monotonic() + fleet.ANSWER_WITHIN_S
    while (state := _state_of(number)) in ("reached", "frozen"):
        if state == "reached" and time.monotonic() > end:  # nobody came: the supervisor is away
            _expire(freezes.c.id == number, "reached")
        time.sleep(STAND_S)


def wish_thaw(sandbox: str) -> None:
    """Ask the supervisor to let everybody go on, and forget the wishes that it has not seen yet."""
    mine = update(freezes).where(freezes.c.sandbox == sandbox)
    _expire(freezes.c.sandbox == sandbox, "wished", "armed", "reached")
    with begin() as db:
        db.execute(mine.where(freezes.c.state == "frozen").values(state="thaw"))


def to_do() -> list[Freeze]:
    """What the supervisor has to carry out: freezes, thaws, and what should have thawed by itself."""
    overdue = and_(freezes.c.state == "frozen", freezes.c.until < utc_now() - OVERDUE)
    wished = select(freezes).where(or_(freezes.c.state.in_(("wished", "reached", "thaw")), overdue))
    with read() as db:
        return [_freeze(row) for row in db.execute(wished.order_by(freezes.c.id))]


def in_force(sandbox: str) -> dict[int, datetime]:
    """Until when each frozen worker stands still, by its pid."""
    mine = select(freezes.c.pid, freezes.c.until).where(freezes.c.sandbox == sandbox, freezes.c.state == "frozen")
    with read() as db:
        return {row.pid: row.until for row in db.execute(mine.order_by(freezes.c.id))}


def began(freeze: Freeze, worker: str, rq_name: str, pid: int) -> None:
    """The process stands still from now on, for as long as was wished."""
    now = utc_now()
    until = now + timedelta(seconds=freeze.seconds)
    frozen = events.WorkerFrozen(worker=worker, pid=pid, until=until.isoformat())
    with begin() as db:
        # A thaw that was wished meanwhile forgot this wish: then it is over at once.
        mine = update(freezes).where(freezes.c.id == freeze.id, freezes.c.sandbox == freeze.sandbox)
        awaited = mine.where(freezes.c.state.in_(("wished", "reached")))
        new = awaited.values(state="frozen", worker=worker, pid=pid, until=until)
        known = db.execute(new).rowcount or db.execute(mine.values(state="thaw", worker=worker, pid=pid)).rowcount
        _note(db, rq_name, now)
        if known:
            events.append(freeze.sandbox, frozen, db=db)


def ended(number: int, sandbox: str, worker: str, rq_name: str, pid: int) -> None:
    """The process is about to go on."""
    with begin() as db:
        if _end(db, number, sandbox):
            events.append(sandbox, events.WorkerThawed(worker=worker, pid=pid), db=db)
        _note(db, rq_name, None)


def over(freeze: Freeze, state: str = "over") -> None:
    """The process has ended, or there was none: nobody is left to thaw."""
    with begin() as db:
        _end(db, freeze.id, freeze.sandbox, state)


def _frozen(number: int) -> Freeze:
    """Wait until the supervisor has acted."""
    end = time.monotonic() + fleet.ANSWER_WITHIN_S
    while time.monotonic() < end:
        with read() as db:
            row = db.execute(select(freezes).where(freezes.c.id == number)).one_or_none()
        if row is None or row.state == "expired":
            raise NoWorkerAlive("The worker ended before it could be frozen. Look again which are alive.")
        if row.state != "wished":
            return _freeze(row)
        time.sleep(0.02)
    _expire(freezes.c.id == number, "wished")  # nobody is to be frozen when nobody waits for it any more
    raise SupervisorAway("The supervisor did not answer; it is restarted by itself, so try again in a few seconds.")


def _arm(sandbox: str, victim: str, seconds: int, place: str) -> Freeze:
    fleet.possible_victims(sandbox, victim)
    sandboxes.wake(sandbox)
    with begin() as db:
        armed = _write(db, sandbox, victim, seconds, place)
        events.append(sandbox, events.FreezeArmed(place=place, seconds=seconds), db=db)
    return armed


def _write(db: Connection, sandbox: str, victim: str, seconds: int, place: str) -> Freeze:
    """Leave the wish; `until` is so far only how long it is to be."""
    now = utc_now()
    state = "wished" if place == "now" else "armed"
    row: dict[str, Any] = {"sandbox": sandbox, "victim": victim, "place": place, "state": state}
    new = insert(freezes).values(**row, wished_at=now, until=now + timedelta(seconds=seconds))
    return _freeze(db.execute(new.returning(freezes)).one())


def _state_of(number: int) -> str | None:
    with read() as db:
        return db.execute(select(freezes.c.state).where(freezes.c.id == number)).scalar_one_or_none()


def _expire(which: ColumnElement[bool], *states: str) -> None:
    """Forget wishes that are no further than that."""
    with begin() as db:
        db.execute(update(freezes).where(which, freezes.c.state.in_(states)).values(state="expired"))


def _end(db: Connection, number: int, sandbox: str, state: str = "over") -> int:
    mine = update(freezes).where(freezes.c.id == number, freezes.c.sandbox == sandbox, freezes.c.state != "over")
    return db.execute(mine.values(state=state)).rowcount


def _note(db: Connection, rq_name: str, frozen_at: datetime | None) -> None:
    db.execute(update(workers).where(workers.c.rq_name == rq_name).values(frozen_at=frozen_at))


def _freeze(row: Row[Any]) -> Freeze:
    seconds = (row.until - row.wished_at).total_seconds()
    return Freeze(row.id, row.sandbox, row.victim, row.state, seconds, row.until, row.worker, row.pid, row.place)
