"""The runs of the lab of lesson 10: what each visitor noted, and the paths that draw it to scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from statistics import median

from lessons import axis
from lessons.axis import Axis
from workers.cache import KEPT_S
from workers.shop.bestsellers import MAKING_S

WAYS = ("none", "expiring", "warm")
PER_SECOND, SECONDS, SPEED = 10, 12, 4
COUNTED = ("median", "longest", "computed", "at_once", "refreshed", "work_s", "oldest_s", "refused")


@dataclass(frozen=True)
class Visit:
    """One visitor: when she came, how long she waited (seconds), and how she was answered."""

    came_s: float
    waited_s: float
    how: str  # "computed" in her own request | "cache" | "refused"
    age_s: float | None = None


@dataclass(frozen=True)
class Run:
    """One way of making the list, for one crowd of visitors; all figures are measured."""

    cache: str
    id: int
    visits: tuple[Visit, ...]
    made_by_worker_s: tuple[float, ...]  # how long each time
    over: bool

    @property
    def answered(self) -> tuple[Visit, ...]:
        return tuple(visit for visit in self.visits if visit.how != "refused")

    @property
    def refused(self) -> int:
        return len(self.visits) - len(self.answered)

    @property
    def median(self) -> float:
        return round(median(visit.waited_s for visit in self.answered), 3) if self.answered else 0.0

    @property
    def longest(self) -> float:
        return max((visit.waited_s for visit in self.answered), default=0.0)

    @property
    def in_requests(self) -> tuple[Visit, ...]:
        return tuple(visit for visit in self.visits if visit.how == "computed")

    @property
    def computed(self) -> int:
        """How often it was made in a request."""
        return len(self.in_requests)

    @property
    def refreshed(self) -> int:
        """How often a worker made it."""
        return len(self.made_by_worker_s)

    @cached_property
    def at_once(self) -> int:
        """In how many requests it was made at the same moment, at most."""
        spans = [(visit.came_s, visit.came_s + visit.waited_s) for visit in self.in_requests]
        changes = sorted([(begun, 1) for begun, _ in spans] + [(ended, -1) for _, ended in spans])
        return max(accumulate(change for _, change in changes), default=0)

    @property
    def work_s(self) -> float:
        """Seconds of making in all, whoever did it."""
        return round(sum(visit.waited_s for visit in self.in_requests) + sum(self.made_by_worker_s), 1)

    @property
    def oldest_s(self) -> float:
        """The age of the oldest answer that was shown."""
        return max((visit.age_s or 0.0 for visit in self.answered), default=0.0)


@dataclass(frozen=True)
class Picture:
    """A run in a box of 100 by 100: each wait a line up from the moment at which the visitor came."""

    waits: str  # of those in whose request it was made
    quick: str  # of those who found it ready: dots on the ground
    refused: str  # dots at the top


@dataclass(frozen=True)
class Bench:
    """What the lab's template is given: the last run of each way."""

    runs: tuple[Run, ...] = ()
    ways: tuple[str, ...] = WAYS
    per_second: int = PER_SECOND
    seconds: int = SECONDS
    speed: int = SPEED
    making_s: float = MAKING_S
    kept_s: float = KEPT_S

    @property
    def running(self) -> bool:
        return any(not run.over for run in self.runs)

    @property
    def version(self) -> str:
        return "-".join(f"{run.id}.{len(run.visits)}.{run.refreshed}.{run.over:d}" for run in self.runs)

    @property
    def newest(self) -> Run | None:
        return max(self.runs, key=lambda run: run.id, default=None)

    @property
    def coming(self) -> int:
        """How many visitors a run has."""
        return self.per_second * self.seconds

    @cached_property
    def width(self) -> Axis:
        return Axis(0, self.seconds, 2)

    @cached_property
    def height(self) -> Axis:
        """One for all runs, so that their waits can be compared."""
        return axis.fit(0, max((run.longest for run in self.runs), default=0) or self.making_s / self.speed)

    def picture(self, run: Run) -> Picture:
        """The paths of one run on the axes of all."""
        return Picture(
            waits="".join(self._place(visit) + "V100" for visit in run.in_requests),
            quick="".join(self._place(visit) + "h0" for visit in run.visits if visit.how == "cache"),
            refused="".join(f"M{self.width.share(v.came_s):g} 0h0" for v in run.visits if v.how == "refused"),
        )

    def _place(self, visit: Visit) -> str:
        return f"M{self.width.share(visit.came_s):g} {100 - self.height.share(visit.waited_s):g}"
