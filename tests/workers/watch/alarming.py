"""What happens second by second in a sandbox whose alerts are to fire, for our judge and for Prometheus's alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from workers.watch.measures import HELP, Measures

LASTS_S = 70


@dataclass(frozen=True)
class Case:
    """A rule, what is measured in each second, and the seconds in which the rule fires."""

    what: str
    rule: str
    firing: range
    measured: dict[str, list[float]]

    def series(self, name: str) -> list[float]:
        return self.measured.get(name, [0.0] * LASTS_S)

    @property
    def seconds(self) -> Sequence[Measures]:
        names = [field.name for field in fields(Measures) if field.name in HELP]
        return [Measures(second, **{name: self.series(name)[second] for name in names}) for second in range(LASTS_S)]  # type: ignore[arg-type]


def steps(*steps: tuple[int, float]) -> list[float]:
    """A value from each of these seconds on; 0 before the first."""
    return [next((value for since, value in reversed(steps) if second >= since), 0.0) for second in range(LASTS_S)]


def slope(first: int, last: int, start: float = 0, after: float = 0) -> list[float]:
    """From `start` up by one a second in the seconds from first to last; 0 before, and then another value."""
    inside = range(first, last + 1)
    return [
        start + second - first if second in inside else after if second > last else 0.0 for second in range(LASTS_S)
    ]


WAITING = slope(10, 34)  # older than ten seconds from second 21 on, gone at second 35
NONE_TAKEN = steps((5, 7), (35, 8))

CASES = [
    Case("grows, then stays", "QueueGrowing", range(25, 49), {"queue_depth": slope(20, 39, start=10, after=29)}),
    Case("is short", "QueueGrowing", range(0), {"queue_depth": slope(20, 29, after=9)}),
    Case("is long", "QueueGrowing", range(0), {"queue_depth": [50.0] * LASTS_S}),
    Case("waits", "OldestTooOld", range(26, 35), {"oldest_message_age_seconds": WAITING}),
    Case("waits a little", "OldestTooOld", range(0), {"oldest_message_age_seconds": slope(10, 20)}),
    Case("lie there", "DeadLetters", range(10, 30), {"dead_letters": steps((10, 3), (30, 0))}),
    Case("died", "WorkerDied", range(10, 25), {"worker_deaths_total": steps((10, 1))}),
    Case(
        "are idle",
        "NothingTaken",
        range(23, 35),
        {
            "oldest_message_age_seconds": WAITING,
            "messages_taken_total": NONE_TAKEN,
            "workers_alive": [2.0] * LASTS_S,
            "workers_busy": [1.0] * LASTS_S,
        },
    ),
    Case(
        "are not there",
        "NothingTaken",
        range(23, 35),
        {"oldest_message_age_seconds": WAITING, "messages_taken_total": NONE_TAKEN},
    ),
    Case(
        "are all at work",
        "NothingTaken",
        range(0),
        {
            "oldest_message_age_seconds": WAITING,
            "messages_taken_total": NONE_TAKEN,
            "workers_alive": [2.0] * LASTS_S,
            "workers_busy": [2.0] * LASTS_S,
        },
    ),
    Case("is silent", "WorkerSilent", range(21, 30), {"worker_heartbeat_age_seconds_max": slope(10, 29)}),
]
