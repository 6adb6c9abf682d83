"""The lab of lesson 3: the same twenty orders for one worker, for two, for ten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from lessons import access, axis, requests
from lessons.axis import Axis
from lessons.labs.evidence import Evidence
from lessons.labs.record import flood_ended, from_flood
from lessons.lanes import moment
from workers import commitments, events, fleet, floods, limits, sandboxes
from workers.database import utc_now
from workers.errors import OverLimit
from workers.events import Event, MessageAcknowledged, MessageTaken, OrderPlaced

TEMPLATE = "labs/_scale.html"
LAB = "scale-runs"
WORKERS = (1, 2, 4, 8, 10)
ORDERS, SPEED = 20, 10
# One worker has 23.8 s of work; who was crashed or calmed meanwhile is not waited for.
AT_MOST = timedelta(seconds=60)
# Two medians of the same work on a busy machine differ by less than this.
ALIKE = 1.5
KNOWN_AT_MOST = 1000


def _so_many(workers: int) -> int:
    if workers not in WORKERS:
        raise ValueError("not one of the choices")
    return workers


class RunForm(requests.Form):
    """How many workers there are when the twenty orders come."""

    workers: Annotated[int, AfterValidator(_so_many), Field(json_schema_extra={"enum": [*WORKERS]})] = 2


@dataclass(frozen=True)
class Run:
    """Twenty orders and so many workers; all times are measured, in seconds."""

    workers: int
    placed: int
    work: tuple[float, ...]  # of each acknowledged order, from its worker taking it
    took: float  # from the first order to the last acknowledgement so far, or to now
    over: bool
    gave_up: bool
    held: Mapping[str, int] = field(default_factory=dict)  # the order that each busy worker is at

    @property
    def done(self) -> int:
        return len(self.work)

    @property
    def each(self) -> float | None:
        """Seconds of work on one order: the median."""
        return median(self.work) if self.work else None

    @property
    def rounds(self) -> int:
        """How many orders the busiest worker has, when they take turns."""
        return math.ceil(self.placed / self.workers)

    @property
    def idle(self) -> int:
        """Workers for whom the last round has no order left."""
        return self.rounds * self.workers - self.placed

    @property
    def rest(self) -> float:
        """Seconds of the run that its rounds do not explain."""
        return max(0.0, self.took - self.rounds * (self.each or 0.0))


# A run that is over stays as it was, so its record is read once and not at every poll.
_known: dict[tuple[str, int], Run] = {}


@dataclass(frozen=True)
class Hand:
    """One worker process that lives; `order` is the one that it is at."""

    name: str
    pid: int
    order: int | None


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run with each number of workers, the fewest first."""

    runs: tuple[Run, ...] = ()
    newest: int | None = None
    seen: str = ""
    hands: tuple[Hand, ...] = ()  # while a run goes on
    choices: tuple[int, ...] = WORKERS
    orders: int = ORDERS
    speed: int = SPEED

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return self.seen

    @property
    def finished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.over and not run.gave_up and run.done)

    @property
    def axis(self) -> Axis:
        """One axis in seconds for all runs."""
        return axis.fit(0, max((run.took for run in self.runs), default=1.0))

    @property
    def times_as_fast(self) -> str | None:
        """The most workers beside the fewest, once there are two finished runs."""
        if len(self.finished) < 2:
            return None
        few, many = self.finished[0], self.finished[-1]
        workers = many.workers / few.workers
        ratio = few.took / many.took if many.took else workers
        expected = f", not {workers:g}" if abs(ratio / workers - 1) > 0.05 else ""
        return f"{_workers(many.workers)}, {ratio:.1f} times as fast as {few.workers}{expected}"


def run(sandbox: str, wanted: RunForm) -> None:
    """Hire, and let twenty customers come within a second. Raises OverLimit while a run or a flood goes on."""
    limits.check_chaos(sandbox)
    if look(sandbox).running:
        raise OverLimit("runs at a time", 1, f"wait until all {ORDERS} orders of the one that runs are done")
    after, before = events.newest([sandbox]).get(sandbox, 0), sandboxes.settings_of(sandbox)
    wished: dict[str, Any] = {"workers": wanted.workers, "speed": SPEED, "request_slots": sandboxes.REQUEST_SLOTS}
    wished["acknowledge"] = "late"  # the ends of the work are what is measured
    sandboxes.change(sandbox, wished, by="lab")
    try:
        floods.start(sandbox, ORDERS, 1, access.token_for(sandbox))
    except OverLimit:
        sandboxes.change(sandbox, {name: before[name] for name in wished}, by="lab")
        raise
    commitments.commit(sandbox, LAB, str(wanted.workers), str(after))


def look(sandbox: str | None) -> Bench:
    """The bench as it is now; without a sandbox nothing was run."""
    kept = commitments.of_lab(sandbox, LAB) if sandbox else {}
    if sandbox is None or not kept:
        return Bench()
    marks = {int(workers): int(after) for workers, after in kept.items()}
    now = utc_now()
    runs = [_run(sandbox, workers, marks[workers], now) for workers in sorted(marks)]
    newest = max(marks, key=lambda workers: marks[workers])
    growing = any(not run.over for run in runs)
    seen = "-".join(f"{run.workers}.{run.done}.{run.over:d}" for run in runs)
    held = {worker: order for run in runs if not run.over for worker, order in run.held.items()}
    hands = [Hand(row.name, row.pid, held.get(row.name)) for row in fleet.living(sandbox)] if growing else []
    return Bench(tuple(runs), newest, seen + (f"-{now.timestamp():.1f}" if growing else ""), tuple(hands))


def _run(sandbox: str, workers: int, after: int, now: datetime) -> Run:
    known = _known.get((sandbox, after))
    if known:
        return known
    run = read(workers, list(from_flood(sandbox, after, AT_MOST)), now)
    if run.over:
        if len(_known) >= KNOWN_AT_MOST:
            _known.clear()
        _known[sandbox, after] = run
    return run


def observe(sandbox: str, choice: str) -> Evidence | None:
    """Seconds of work per order with few and with many workers; None before there are two runs to compare."""
    finished = look(sandbox).finished
    return held_against(finished[0], finished[-1], choice) if len(finished) > 1 else None


def held_against(few: Run, many: Run, choice: str) -> Evidence:
    """The reader's choice beside both runs: each order took "less", the "same" or "more" with many workers."""
    before, after = few.each or 0.0, many.each or 0.0
    holds = "less" if after < before / ALIKE else "more" if after > before * ALIKE else "same"
    return Evidence(
        choice == holds,
        f"The median order took {before:.2f}\u00a0s of work with {_workers(few.workers)}, and {after:.2f}\u00a0s with "
        f"{_workers(many.workers)}. All {many.done} were done after {few.took:.1f}\u00a0s and {many.took:.1f}\u00a0s.",
    )


def read(workers: int, record: list[Event], now: datetime) -> Run:
    """One run, from the events since its flood began."""
    orders = {event.order: moment(event) for event in record if isinstance(event, OrderPlaced)}
    taken = {event.order: moment(event) for event in record if isinstance(event, MessageTaken)}
    ends = {event.order: moment(event) for event in record if isinstance(event, MessageAcknowledged)}
    work = tuple((ends[order] - taken[order]).total_seconds() for order in orders if order in ends and order in taken)
    ended = flood_ended(record)
    gave_up = not record or now > moment(record[0]) + AT_MOST
    complete = ended is not None and len(work) >= ended.placed
    began = min(orders.values(), default=moment(record[0]) if record else now)
    until = max(ends.values(), default=began) if complete or gave_up else now
    took = max(0.0, (until - began).total_seconds())
    open_ones = [event for event in record if isinstance(event, MessageTaken) and event.order not in ends]
    held = {event.worker: event.order for event in open_ones if event.worker and event.order}
    return Run(workers, len(orders), work, took, complete or gave_up, gave_up and not complete, held)


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"
