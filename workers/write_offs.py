"""What is said, and given back, when a worker process is gone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from workers import connections, early, events, fleet, reaper
from workers.processes import Child


def write_off(worker: Child | Row[Any], end: str, asked: bool) -> None:
    """A worker process is gone: say so with what it held, and return what it had only just pulled."""
    broker = connections.broker()
    held = reaper.held_by(broker, worker.sandbox, worker.rq_name)
    event: Any = events.WorkerStopped(worker=worker.name, pid=worker.pid)
    if not (asked and end == "exit 0"):
        left: Any = early.left_by(worker.rq_name)
        lost: Any = {"order": held.order, "message": held.job, "back_at": held.back_at.isoformat()} if held else left
        event = events.WorkerCrashed(worker=worker.name, pid=worker.pid, signal=end, **lost)
    reaper.give_back(broker, worker.sandbox, worker.rq_name)
    fleet.ended(worker.rq_name, worker.sandbox, event)
