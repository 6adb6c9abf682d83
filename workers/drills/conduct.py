"""How a drill goes: begun by its reader, carried on by the supervisor, ended by either; all of it is in the ledger."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from workers import events, fleet, floods, freezes, sandboxes, veil
from workers.database import begin, read, utc_now
from workers.drills import drill as drills
from workers.drills import signs
from workers.drills.drill import LASTS_S, NAME_WITHIN_S, QUIET_S, Drill
from workers.drills.kinds import KINDS, undo
from workers.errors import DrillRunning, NoDrill, OverLimit
from workers.tables import drill_guesses, event_log
from workers.tables import drills as rows
from workers.watch import timeline

MOST = 500  # of one sandbox
FAST_ENOUGH = 4  # a drill runs at this speed at least
SERVED_AGE_S, SERVED_SAMPLES, SERVED_MESSAGES = 5.0, 2, 2
_RUNNING = "A drill is under way already. Find what is wrong, mend it, or end it with DELETE."
_NONE = "No drill is under way. Start one with POST."


def start(sandbox: str, token: str, kind: str | None = None) -> Drill:
    """Bring the lab to its defaults, let customers come, and later the fault. Raises DrillRunning and OverLimit."""
    _make_room(sandbox)
    chosen = kind or random.choice(_rarest(sandbox))
    now = utc_now()
    with begin() as db:
        before = sandboxes.settings_of(sandbox, db)
        if veil.under_way(sandbox, db) is not None:
            raise DrillRunning(_RUNNING)
        speed = max(FAST_ENOUGH, float(before["speed"]))
        quiet = timedelta(seconds=random.uniform(*QUIET_S) * FAST_ENOUGH / speed)
        row = {"sandbox": sandbox, "kind": chosen, "state": "quiet", "speed": speed, "before": before, "token": token}
        db.execute(insert(rows).values(**row, started_at=now, inject_at=now + quiet))
        new = sandboxes.DEFAULTS | {"speed": speed}
        ended = sandboxes.end_outage(db, sandbox)
        sandboxes.set_all(db, sandbox, new)
        changes = {name: value for name, value in new.items() if before[name] != value}
        changed = [events.SettingsChanged(changes=changes, by=veil.DRILL)] if changes else []
        events.append(sandbox, *ended, *changed, events.DrillStarted(), db=db)
    return _latest(sandbox)


def guess(sandbox: str, what: str) -> Drill:
    """Name what may be wrong; every guess counts. Raises NoDrill when there is none, or its cause is named."""
    with begin() as db:
        drill = drills.locked(db, sandbox)
        if drill is None:
            raise NoDrill(_NONE)
        if drill.named_at or any(each.guess == what for each in drill.guesses):
            raise NoDrill("That was said already. Say something else, or mend it.")
        right = what == drill.kind
        row = {"sandbox": sandbox, "drill": drill.id, "guess": what, "right": right, "at": utc_now()}
        db.execute(insert(drill_guesses).values(**row))
        events.append(sandbox, events.DrillGuessed(guess=what, right=right), db=db)
    if right and drill.state == "mended":
        end(sandbox, "mended")
    return _latest(sandbox)


def end(sandbox: str, how: str) -> Drill | None:
    """End the drill that is under way: nothing is left of its fault, and all of it is told. None if there is none."""
    going_on = drills.latest(sandbox)
    if going_on is None or going_on.over:
        return None
    # Read first, and kept together with the end: whoever sees that it is over is told all of it.
    shown = signs.find(going_on, going_on.mended_at or utc_now())
    with begin() as db:
        drill = drills.locked(db, sandbox)
        if drill is None or drill.id != going_on.id:
            return None
        _end_in(db, drill, how, {name: at.isoformat() for name, at in shown.items()})
    return drills.latest(sandbox)


def how_it_ends(sandbox: str) -> str:
    """What it is called when its reader ends the drill now."""
    newest = drills.latest(sandbox)
    return "mended" if newest and newest.state == "mended" else "gave up"


def carry_on() -> None:
    """For the supervisor: the next step of every drill, wherever the last leader left it."""
    for drill in drills.under_way():
        served = drill.cured_at is not None and _is_served(drill.sandbox, drill.cured_at)
        with begin() as db:
            now = drills.locked(db, drill.sandbox)
            over = _go_on(db, now, served) if now and now.id == drill.id else None
        if over:
            end(drill.sandbox, over)


def _go_on(db: Connection, drill: Drill, served: bool) -> str | None:
    """The next step of one drill; how it ended, if it is to end."""
    now, kind = utc_now(), KINDS[drill.kind]
    if drill.state == "quiet" and now >= drill.inject_at:
        kind.inject(db, drill)
        _note(db, drill, state="faulty", injected_at=now)
        events.append(drill.sandbox, events.DrillFaultInjected(kind=drill.kind), db=db)
    elif drill.state == "faulty":
        cured = kind.cured(db, drill)
        if not cured:
            kind.keep_up(db, drill)
        if cured is not bool(drill.cured_at):  # it may also come back
            _note(db, drill, cured_at=now if cured else None)
        elif cured and served:
            _mended(db, drill, now)
            return "mended" if drill.named_at else None
    return _time_is_up(drill, now)


def _time_is_up(drill: Drill, now: datetime) -> str | None:
    if drill.mended_at:
        return "mended" if now > drill.mended_at + timedelta(seconds=NAME_WITHIN_S) else None
    late = drill.injected_at and now > drill.injected_at + timedelta(seconds=LASTS_S)
    return "time was up" if late else None


def _mended(db: Connection, drill: Drill, now: datetime) -> None:
    _note(db, drill, state="mended", mended_at=now)
    after_s = round((now - drill.injected_at).total_seconds(), 1) if drill.injected_at else 0.0
    events.append(drill.sandbox, events.DrillMended(after_s=after_s), db=db)


def _is_served(sandbox: str, since: datetime) -> bool:
    """Messages are finished again, and none waits for long: by the record and by what was measured."""
    done = events.between(sandbox, since, utc_now(), ("MessageAcknowledged",))
    series = [sample for sample in timeline.series(sandbox, seconds=60) if sample.at > since][-SERVED_SAMPLES:]
    young = all((sample.oldest_age_s or 0) <= SERVED_AGE_S for sample in series)
    return len(done) >= SERVED_MESSAGES and len(series) == SERVED_SAMPLES and young


def _end_in(db: Connection, drill: Drill, how: str, shown: dict[str, str]) -> None:
    """Undo, lift the veil, and tell; what the undoing writes comes after the end."""
    now = utc_now()
    undo(db, drill)
    _note(db, drill, state="over", how=how, ended_at=now, signs=shown)
    db.execute(
        update(event_log).where(event_log.c.sandbox == drill.sandbox, event_log.c.drill == drill.id).values(drill=None)
    )
    told: dict[str, Any] = {"kind": drill.kind, "how": how, "guesses": len(drill.guesses)}
    ended = events.DrillEnded(**told, named=drill.named_at is not None, mended_after_s=drill.mended_after_s)
    events.append(drill.sandbox, ended, db=db)


def _note(db: Connection, drill: Drill, **values: Any) -> None:
    db.execute(update(rows).where(rows.c.id == drill.id, rows.c.sandbox == drill.sandbox).values(**values))


def _make_room(sandbox: str) -> None:
    """A drill begins with nothing else going on. Raises OverLimit."""
    mine = select(func.count()).select_from(rows).where(rows.c.sandbox == sandbox)
    with read() as db:
        if db.execute(mine).scalar_one() >= MOST:
            raise OverLimit("drills of a sandbox", MOST, "read what the last ones taught you", 3600)
    if veil.under_way(sandbox) is not None:
        raise DrillRunning(_RUNNING)
    sandboxes.wake(sandbox)
    floods.stop(sandbox)
    freezes.wish_thaw(sandbox)
    fleet.disarm(sandbox)


def _rarest(sandbox: str) -> list[str]:
    """The kinds that this reader has met least often."""
    mine = select(rows.c.kind, func.count()).where(rows.c.sandbox == sandbox).group_by(rows.c.kind)
    with read() as db:
        met: dict[str, int] = {row[0]: row[1] for row in db.execute(mine)}
    fewest = min(met.get(kind, 0) for kind in KINDS)
    return [kind for kind in KINDS if met.get(kind, 0) == fewest]


def _latest(sandbox: str) -> Drill:
    found = drills.latest(sandbox)
    if found is None:
        raise NoDrill(_NONE)
    return found
