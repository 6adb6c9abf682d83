"""What is said, counted and given back when a worker process is gone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from workers import connections, early, events, fleet, places, reaper
from workers.processes import Child


def write_off(worker: Child | Row[Any], end: str, asked: bool) -> None:
    """A worker process is gone: say so with what it held, and return what it had only just pulled."""
    broker = connections.broker()
    reaper.give_back(broker, worker.sandbox, worker.rq_name)  # nobody looks for it when the row is closed
    if asked and end in ("exit 0", "SIGTERM"):  # the latter before it was a worker that could listen
        fleet.ended(worker.rq_name, worker.sandbox, events.WorkerStopped(worker=worker.name, pid=worker.pid))
    else:
        _write_off_dead(worker, end)
    reaper.forget(broker, worker.sandbox, worker.rq_name)


def _write_off_dead(worker: Child | Row[Any], end: str) -> None:
    """Say what it held, count its death, and put aside with what too many have died."""
    broker = connections.broker()
    held = reaper.held_by(broker, worker.sandbox, worker.rq_name)
    entries = {entry.partition(":")[0]: entry for entry in reaper.left_by(broker, worker.rq_name)}
    left: Any = early.left_by(worker.rq_name)
    lost: Any = {"order": held.order, "message": held.job, "back_at": held.back_at.isoformat()} if held else left
    event = events.WorkerCrashed(worker=worker.name, pid=worker.pid, signal=end, **lost)
    for message, dead_at in fleet.ended(worker.rq_name, worker.sandbox, event, list(entries)).items():
        places.bury_left(broker, worker.sandbox, entries[message], dead_at)
