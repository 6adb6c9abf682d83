"""What can be measured of messages: how many waited and for how long, how often they came, and what was called."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from statistics import fmean

from workers import events as happened
from workers.event_types import Event
from workers.experiments.evidence import Evidence, Measure, Measures

# After these a worker's hands are free again.
_PUT_DOWN = {
    "MessageAcknowledged",
    "MessageAbandoned",
    "MessageDeadLettered",
    "MessageHeldBack",
    "MessagePutOff",
    "RetryScheduled",
    "WorkerCrashed",
}


def _rate(kind: type[Event]) -> Measure:
    """A second of the story, within the stretch."""
    return lambda seen: seen.counts[kind.__name__] / seen.lasted_s if seen.lasted_s else None


def _most_busy(seen: Evidence) -> float:
    """The most workers that were at a message at one moment."""
    busy: set[str | None] = set()
    most = 0
    for event in seen.told:
        if event.type == "MessageTaken":
            busy.add(event.worker)
        elif event.type in _PUT_DOWN:
            busy.discard(event.worker)
        most = max(most, len(busy))
    return most


def _most_waiting(seen: Evidence) -> float:
    """The most messages that were on the queue at one moment."""
    depth = most = 0
    for event in seen.told:
        depth += event.type in ("MessageEnqueued", "MessageRedelivered", "MessageReplayed")
        depth -= event.type == "MessageTaken"
        most = max(most, depth)
    return most


def _oldest(seen: Evidence) -> float | None:
    """The longest that a message waited until it was taken first, or until now."""
    came: dict[str, datetime] = {}
    waited: list[float] = []
    for event in seen.told:
        if isinstance(event, happened.MessageEnqueued) and event.message and event.at:
            came.setdefault(event.message, event.at)
        elif isinstance(event, happened.MessageTaken) and event.message in came:
            waited.append(seen.story_s(event.at, came.pop(event.message)))
    waited += [seen.story_s(None, at) for at in came.values()]
    return max(waited, default=None)


def _most_deliveries(seen: Evidence) -> float:
    return max(Counter(event.order for event in seen.of(happened.MessageTaken)).values(), default=0)


def _calls(seen: Evidence) -> float:
    return len(seen.calls)


def _calls_failed(seen: Evidence) -> float:
    return sum(call.status >= 500 for call in seen.calls)


def _calls_at_once(seen: Evidence) -> float:
    """The most calls that reached the partner within one second on the wall."""
    times = [call.at for call in seen.calls]
    second = timedelta(seconds=1)
    return max((sum(at <= other < at + second for other in times) for at in times), default=0)


def _different_pauses(seen: Evidence) -> float:
    return len({event.delay_s for event in seen.of(happened.RetryScheduled)})


def _gaps(seen: Evidence) -> float | None:
    """The mean pause before another try, as it was set."""
    delays = [event.delay_s for event in seen.of(happened.RetryScheduled)]
    return fmean(delays) if delays else None


MEASURES: Measures = {
    "lasted_s": ("how long the stretch lasted", lambda seen: seen.lasted_s),
    "in_per_s": ("messages that came a second", _rate(happened.MessageEnqueued)),
    "done_per_s": ("messages that were acknowledged a second", _rate(happened.MessageAcknowledged)),
    "most_waiting": ("the most messages that waited at one moment", _most_waiting),
    "busy_most": ("the most workers that were at work at one moment", _most_busy),
    "oldest_s": ("the longest that a message waited to be taken", _oldest),
    "deliveries_most": ("how often the message that came most often was delivered", _most_deliveries),
    "calls": ("calls that reached the partner", _calls),
    "calls_failed": ("calls that the partner answered with 503", _calls_failed),
    "calls_at_once": ("the most calls within one second on the wall", _calls_at_once),
    "pause_mean_s": ("the mean pause before another try, on the wall", _gaps),
    "pauses_differ": ("different pauses before another try", _different_pauses),
}  # fmt: skip
