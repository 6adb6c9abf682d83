"""Takes snapshots of the watched sandboxes, once for all viewers: a poll reads memory, never the broker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from workers import events, fleet, freezes, ledger, sandboxes
from workers.connections import broker
from workers.database import utc_now
from workers.errors import UnknownSandbox
from workers.messages import order_of
from workers.readings import Reading, WorkerReading, ask
from workers.snapshot import Snapshot, Ticket, WorkerView

TICK_S = 0.2
REREAD_S = 1.0
QUICK_TO_READ = 100  # orders; the books of more than these are read at most once in REREAD_S
WATCHED_FOR_S = 10
log = logging.getLogger("workers.sampler")


class Sampler:
    """One thread a process; `latest` also says that somebody watches."""

    def __init__(self) -> None:
        self.snapshots: dict[str, Snapshot] = {}
        self.watched: dict[str, float] = {}
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def latest(self, sandbox: str, fresh: bool = False) -> Snapshot:
        """The newest snapshot, at most a tick old; with `fresh`, one taken now. Raises UnknownSandbox."""
        known = self.snapshots.get(sandbox)
        if known is None or fresh or (utc_now() - known.at).total_seconds() > 5 * TICK_S:
            self.snapshots[sandbox] = known = take([sandbox])[sandbox]
        with self.lock:
            self.watched[sandbox] = time.monotonic()
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, daemon=True)
                self.thread.start()
        return known

    def _run(self) -> None:
        while True:
            time.sleep(TICK_S)
            with self.lock:
                recently = time.monotonic() - WATCHED_FOR_S
                self.watched = {name: seen for name, seen in self.watched.items() if seen > recently}
                watched = list(self.watched)
            try:
                self.snapshots = take(watched, self.snapshots) if watched else {}
            except UnknownSandbox:
                self._forget_the_deleted(watched)
            except (RedisError, OperationalError) as error:
                log.warning("no snapshot this time: %s", error)
                time.sleep(1)

    def _forget_the_deleted(self, watched: list[str]) -> None:
        deleted = [sandbox for sandbox in watched if not sandboxes.exists(sandbox)]
        with self.lock:
            for sandbox in deleted:
                self.watched.pop(sandbox, None)


@lru_cache
def sampler() -> Sampler:
    """This process's sampler."""
    return Sampler()


def take(watched: list[str], before: dict[str, Snapshot] | None = None) -> dict[str, Snapshot]:
    """Snapshots of these sandboxes: one question to the broker for all, more of the database for those that moved."""
    newest = events.newest(watched)
    living = fleet.living_in(watched)
    readings = ask(broker(), living)
    return {
        sandbox: _refreshed((before or {}).get(sandbox), newest.get(sandbox, 0), readings[sandbox])
        or build(sandbox, newest.get(sandbox, 0), living[sandbox], readings[sandbox])
        for sandbox in watched
    }


def _refreshed(known: Snapshot | None, version: int, reading: Reading) -> Snapshot | None:
    """The known snapshot at a later time, as long as it does not pay to read everything again."""
    if known is None or _has_moved(known, version):
        return None
    now = utc_now()
    later_s = (now - known.at).total_seconds()
    oldest_age_s = None if known.oldest_age_s is None else round(known.oldest_age_s + later_s, 1)
    workers = tuple(_with_heartbeat(worker, reading) for worker in known.workers)
    return replace(known, at=now, oldest_age_s=oldest_age_s, workers=workers, supervised=reading.supervised)


def _has_moved(known: Snapshot, version: int) -> bool:
    """Something has happened, or something that fades has faded for a second: rates, and workers shown as dead."""
    rested = (utc_now() - known.read_at).total_seconds() > REREAD_S
    if known.version != version:
        return rested or known.ledger.placed <= QUICK_TO_READ
    fades = known.in_per_s or known.out_per_s or not all(worker.alive for worker in known.workers)
    return bool(fades) and rested


def _with_heartbeat(worker: WorkerView, reading: Reading) -> WorkerView:
    said = reading.workers.get(worker.name)
    if said is None or not worker.alive:
        return replace(worker, heartbeat_age_s=None)
    return _heard(worker, said)


def _heard(worker: WorkerView, said: WorkerReading) -> WorkerView:
    return replace(
        worker,
        heartbeat_age_s=said.heartbeat_age_s,
        heartbeat_at=said.heartbeat_at,
        lease_until=_moment(said.lease_until),
    )


def build(sandbox: str, version: int, living: list[Row[Any]], reading: Reading) -> Snapshot:
    """Read everything that is shown of one sandbox."""
    acknowledged = {worker.early for worker in living if worker.early}
    books = ledger.read_books(sandbox, reading.leases, reading.head, acknowledged)
    settings = sandboxes.settings_of(sandbox)
    hands = _living(sandbox, living, reading, books.rows)
    if not settings["lease_renewal"]:
        hands = (replace(worker, renews=False) for worker in hands)
    now = utc_now()
    return Snapshot(
        id=sandbox,
        version=version,
        at=now,
        read_at=now,
        ledger=books.ledger,
        depth=reading.depth,
        oldest_age_s=round((now - books.oldest).total_seconds(), 1) if books.oldest else None,
        in_per_s=books.in_per_s,
        out_per_s=books.out_per_s,
        workers=(*_dead(sandbox, now), *hands),
        waiting=tuple(_ticket(books.rows[job]) for job in reading.head if job in books.rows),
        done=books.latest,
        settings=settings,
        caps=sandboxes.CAPS,
        acknowledged=books.acknowledged,
        dead_letters=books.dead_letters,
        oldest_dead=books.oldest_dead,
        oldest_at=books.oldest,
        race=events.of_latest_race(sandbox),
        supervised=reading.supervised,
    )


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(row.order, "retrying" if row.deliveries else "waiting", row.deliveries + 1)


def _living(sandbox: str, living: list[Row[Any]], reading: Reading, rows: dict[str, Row[Any]]) -> Iterator[WorkerView]:
    """The workers whose process lives, each with the step that it is at."""
    held = [order_of(message) for worker in living if (message := worker.early or reading.workers[worker.name].job)]
    steps = events.latest_steps(sandbox, [order for order in held if order])
    thaws = freezes.in_force(sandbox) if any(worker.frozen_at for worker in living) else {}
    for worker in living:
        said = reading.workers[worker.name]
        view = WorkerView(worker.name, worker.pid, "idle", worker.started_at, leaving=worker.leaving)
        view = _heard(view, said)
        job = worker.early or said.job
        view = replace(view, acknowledged=worker.early is not None)
        row = rows.get(job or "")
        if row and row.taken_at and (worker.early or said.lease_until):
            view = replace(view, state="busy", since=row.taken_at, order=row.order, job=row.message)
            view = _at_step(replace(view, attempt=row.deliveries), steps)
        elif job:
            view = _without_lease(view, job, steps)
        if worker.frozen_at:
            # Its message may be another one's by now: what it is at is its own word.
            order = order_of(job) if job else None
            view = replace(view, state="frozen", since=worker.frozen_at, order=order, job=job)
            view = _at_step(replace(view, thaws_at=thaws.get(worker.pid)), steps)
        yield view


def _without_lease(worker: WorkerView, job: str, steps: dict[tuple[int, str], events.Event]) -> WorkerView:
    """It works on although its lease is over, and its message may be another's by now: the step is its own word."""
    order = order_of(job)
    step = steps.get((order or 0, worker.name))
    if step is None or step.at is None:
        return worker
    return _at_step(replace(worker, state="busy", since=step.at, order=order, job=job), steps)


def _at_step(worker: WorkerView, steps: dict[tuple[int, str], events.Event]) -> WorkerView:
    step = steps.get((worker.order or 0, worker.name))
    if step is None:
        return worker
    return replace(worker, step=step.step, step_since=step.at, attempt=worker.attempt or step.attempt)


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _dead(sandbox: str, now: datetime) -> Iterator[WorkerView]:
    for row in fleet.dead_since(sandbox, now - timedelta(seconds=fleet.DEAD_SHOWN_S)):
        order = order_of(row.held) if row.held else None
        step = events.latest_steps(sandbox, [order] if order else []).get((order or 0, row.name))
        view = WorkerView(row.name, row.pid, "dead", row.ended_at, order=order, job=row.held)
        left = row.early is not None and row.early == row.held and row.back_at is None
        view = replace(view, back_at=row.back_at, acknowledged=left)
        yield replace(view, step=step.step, step_since=step.at) if step else view
