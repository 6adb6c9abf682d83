"""The runs of the lab of lesson 8, read from the record, and what a picture of them shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median

from lessons import axis
from lessons.axis import Axis, Tick
from lessons.labs.record import flood_ended
from lessons.lanes import moment
from workers.checkout import LATER
from workers.connection_pool import PATIENCE_S
from workers.events import ConnectionWaited, Event, MessageAcknowledged, MessageDeadLettered, OrderPlaced, StepFailed

POOLS = (2, 3, 4, 12)
WORKERS = (2, 3, 4, 6, 8, 12)
ORDERS, SPEED = 24, 10
# Two workers have 15 s of work; whoever is crashed or calmed meanwhile is not waited for.
AT_MOST = timedelta(seconds=60)
JOB_S = sum(step.seconds for step in LATER)
HELD_S = sum(step.seconds for step in LATER if step.connects)
TO_COMPARE = 3
SPREAD = 1.3  # by how many per cent of the axis the dots of different pools stand apart, that they can be told


@dataclass(frozen=True)
class Run:
    """So many orders for so many workers who share so many connections; all times are measured, in seconds."""

    connections: int
    workers: int
    after: int  # the last event before it
    placed: int
    done: int
    dead: int
    took: float  # from the first order until the last one was done or given up, or until now
    waits: tuple[float, ...]  # for a connection, those that were in vain among them
    timed_out: int
    failed: int  # tries
    over: bool
    gave_up: bool

    @property
    def kind(self) -> tuple[int, int]:
        return self.connections, self.workers

    @property
    def rate(self) -> float:
        """Orders done a second."""
        return self.done / self.took if self.took else 0.0

    @property
    def median(self) -> float:
        return median(self.waits) if self.waits else 0.0

    @property
    def longest(self) -> float:
        return max(self.waits, default=0.0)

    @property
    def counts(self) -> bool:
        """Whether it can be compared with others."""
        return self.over and not self.gave_up


@dataclass(frozen=True)
class Dot:
    """A run in the picture, in per cent of its width and height."""

    run: Run
    x: float
    y: float


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run of each kind, the fewest connections and workers first."""

    runs: tuple[Run, ...] = ()
    pools: tuple[int, ...] = POOLS
    teams: tuple[int, ...] = WORKERS
    orders: int = ORDERS
    speed: int = SPEED
    patience_s: float = PATIENCE_S
    job_s: float = JOB_S
    held_s: float = HELD_S

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return "-".join(f"{run.after}.{run.done}.{run.dead}.{len(run.waits)}.{run.over:d}" for run in self.runs)

    @property
    def newest(self) -> Run | None:
        return max(self.runs, key=lambda run: run.after, default=None)

    @property
    def finished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.counts)

    @property
    def alike(self) -> tuple[Run, ...]:
        """The finished runs with one number of connections: enough to compare, and the newest such."""
        found = [tuple(run for run in self.finished if run.connections == pool) for pool in self.pools]
        return max(found, key=lambda runs: (len(runs) >= TO_COMPARE, max((run.after for run in runs), default=-1)))

    @property
    def width(self) -> Axis:
        """Twelve workers do not stand at its very end: there is a little room beyond them."""
        return Axis(0, 12.6, 2)

    @property
    def width_ticks(self) -> tuple[Tick, ...]:
        return tuple(Tick(str(workers), self.width.share(workers)) for workers in range(0, 13, 2))

    @cached_property
    def height(self) -> Axis:
        return axis.fit(0, max((run.rate for run in self.finished), default=1.0))

    @property
    def lines(self) -> tuple[tuple[Dot, ...], ...]:
        """The dots of each pool, one a finished run, from the fewest workers to the most."""
        found = [tuple(self._dot(run) for run in self.finished if run.connections == pool) for pool in self.pools]
        return tuple(dots for dots in found if dots)

    def _dot(self, run: Run) -> Dot:
        shown = sorted({each.connections for each in self.finished})
        aside = SPREAD * (shown.index(run.connections) - (len(shown) - 1) / 2)
        return Dot(run, round(self.width.share(run.workers) + aside, 2), round(100 - self.height.share(run.rate), 2))


def read(connections: int, workers: int, after: int, record: Sequence[Event], now: datetime) -> Run:
    """One run, from the events since its flood began."""
    placed = {event.order: moment(event) for event in record if isinstance(event, OrderPlaced)}
    done = {e.order: moment(e) for e in record if isinstance(e, MessageAcknowledged) and e.order in placed}
    dead = {e.order: moment(e) for e in record if isinstance(e, MessageDeadLettered) and e.order in placed}
    waited = [event for event in record if isinstance(event, ConnectionWaited)]
    ended = flood_ended(list(record))
    gave_up = not record or now > moment(record[0]) + AT_MOST
    complete = ended is not None and len(done) + len(dead) >= ended.placed
    began = min(placed.values(), default=moment(record[0]) if record else now)
    until = max([*done.values(), *dead.values()], default=began) if complete or gave_up else now
    return Run(
        connections=connections,
        workers=workers,
        after=after,
        placed=len(placed),
        done=len(done),
        dead=len(dead),
        took=max(0.0, (until - began).total_seconds()),
        waits=tuple(event.seconds for event in waited),
        timed_out=sum(not event.got for event in waited),
        failed=sum(isinstance(event, StepFailed) and event.where == "worker" for event in record),
        over=complete or gave_up,
        gave_up=gave_up and not complete,
    )
