"""The course of a run with many messages: how many waited, were done, lay aside or were turned away, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workers import events as happened
from workers.event_types import Event

POINTS = 80
COUNTED = ("waiting", "done", "dead", "refused")
Point = list[float]  # seconds on the wall since the run began, then the four counts; small messages are counted singly


def course(record: Sequence[Event], began: datetime) -> list[Point]:
    """At most so many points, evenly spread over the record's changes, the first and the last among them."""
    counts = dict.fromkeys(COUNTED, 0)
    points: list[Point] = [[0.0, 0, 0, 0, 0]]
    for event in record:
        changes = _changes(event)
        if not changes or event.at is None or event.at < began:
            continue
        for name, change in changes.items():
            counts[name] += change
        points.append([round((event.at - began).total_seconds(), 2), *(max(0, count) for count in counts.values())])
    if len(points) <= POINTS:
        return points
    stride = (len(points) - 1) / (POINTS - 1)
    return [points[round(number * stride)] for number in range(POINTS)]


def _changes(event: Event) -> dict[str, int]:
    """What an event changes in the counts."""
    match event:
        case happened.TicketAccepted():
            return {"waiting": event.small}
        case happened.TicketCounted():
            return {"waiting": -event.small, "done": event.small}
        case happened.MessageShed():
            return {"waiting": -event.small, "refused": event.small}
        case happened.RequestRefused():
            return {"refused": event.small or 1}
        case happened.RetryScheduled(delay_s=0):
            return {"waiting": 1}  # at once, without another word
        case happened.DeadLettersPurged():
            return {"dead": -event.count}
    return CHANGES.get(event.type, {})


CHANGES = {
    "MessageEnqueued": {"waiting": 1},
    "MessageRedelivered": {"waiting": 1},
    "MessageReplayed": {"waiting": 1, "dead": -1},
    "MessageTaken": {"waiting": -1},
    "MessageAcknowledged": {"done": 1},
    "MessageDeadLettered": {"dead": 1},
}
