"""The figures that show that something is wrong, and since when each of them has: from the samples and the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from workers import events
from workers.checkout import LATER
from workers.drills.drill import WORKERS, Drill
from workers.events import Event
from workers.watch import timeline
from workers.watch.timeline import Sample

TOO_OLD_S = 10.0  # as in the alert OldestTooOld
RUSH = 2.5  # times the customers that usually come
OVER_S = 5  # seconds over which they are counted
READ = (
    *("MessageAcknowledged", "RetryScheduled", "MessageDeadLettered", "StepFinished"),
    *("WorkerCrashed", "WorkerStopped", "AlertFired"),
)


def find(drill: Drill, until: datetime) -> dict[str, datetime]:
    """When each figure first showed it after the fault had come; a figure that never did is left out."""
    if drill.injected_at is None:
        return {}
    since = drill.injected_at
    record = events.between(drill.sandbox, since, until, READ)
    seconds = int((until - since).total_seconds()) + OVER_S
    series = timeline.series(drill.sandbox, until.timestamp(), seconds)
    after = [sample for sample in series if sample.at >= since]
    found = {
        "alive": _first(_fewer(after, record)),
        "age": _first(sample.at for sample in after if (sample.oldest_age_s or 0) > TOO_OLD_S),
        "in": _first(_rushes(series, since, drill.orders_per_second)),
        "deaths": _first(_times(record, "WorkerCrashed")),
        "retries": _first(_times(record, "RetryScheduled")),
        "dead": _first(_times(record, "MessageDeadLettered")),
        "stalled": _first(_stalls(record, since, until, 40 / drill.speed)),
        "slow": _first(_slow_calls(record, drill.speed)),
        "silence": _first(each.at for each in record if each.at and getattr(each, "rule", "") == "WorkerSilent"),
    }
    return {name: at for name, at in found.items() if at}


def _first(moments: Iterable[datetime]) -> datetime | None:
    return next(iter(moments), None)


def _fewer(after: Sequence[Sample], record: Sequence[Event]) -> Iterator[datetime]:
    """Fewer workers than there were, in the samples or, within their seconds, in the record."""
    counted = (sample.at for sample in after if sample.alive < WORKERS)
    return iter(sorted([*counted, *_times(record, "WorkerStopped")]))


def _times(record: Sequence[Event], kind: str) -> Iterator[datetime]:
    return (event.at for event in record if event.type == kind and event.at)


def _stalls(record: Sequence[Event], since: datetime, until: datetime, longest_s: float) -> Iterator[datetime]:
    """When nothing had been finished for that long."""
    longest = timedelta(seconds=longest_s)
    done = [since, *_times(record, "MessageAcknowledged"), until]
    return (before + longest for before, after in pairwise(done) if after - before > longest)


def _rushes(series: Sequence[Sample], since: datetime, usual: float) -> Iterator[datetime]:
    for place, sample in enumerate(series):
        recent = [each.came_in for each in series[: place + 1] if each.second > sample.second - OVER_S]
        if sample.at >= since and sum(recent) > RUSH * usual * OVER_S + 1:
            yield sample.at


def _slow_calls(record: Sequence[Event], speed: float) -> Iterator[datetime]:
    """The second call of the partner that took more than twice as long as it should."""
    usual_s = next(step.seconds for step in LATER if step.name == "webhook") / speed
    calls = [event for event in record if isinstance(event, events.StepFinished) and event.step == "webhook"]
    return (event.at for event in [each for each in calls if each.seconds > 2 * usual_s + 0.2][1:] if event.at)
