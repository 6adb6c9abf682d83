"""The course of a run: counts over time, with no more points than a picture needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workers import events
from workers.event_types import Event
from workers.experiments.course import POINTS, course

BEGAN = datetime(2026, 11, 26, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def test_messages_wait_are_done_or_lie_aside() -> None:
    record: list[Event] = [
        events.MessageEnqueued(order=1, queue="q", at=at(1)),
        events.MessageEnqueued(order=2, queue="q", at=at(2)),
        events.MessageTaken(order=1, lease_s=8, at=at(3)),
        events.MessageAcknowledged(order=1, at=at(4)),
        events.MessageTaken(order=2, lease_s=8, at=at(4)),
        events.RetryScheduled(order=2, delay_s=0, due_at="", error="", at=at(5)),
        events.MessageTaken(order=2, lease_s=8, at=at(5)),
        events.MessageDeadLettered(order=2, group="g", error="e", at=at(6)),
    ]

    points = course(record, BEGAN)

    assert points[2] == [2.0, 2, 0, 0, 0]
    assert points[-1] == [6.0, 0, 1, 1, 0]


def test_tickets_count_by_what_they_carry() -> None:
    record: list[Event] = [
        events.TicketAccepted(about="analytics", small=10, at=at(1)),
        events.TicketAccepted(about="analytics", small=10, at=at(1)),
        events.RequestRefused(reason="full", small=10, at=at(2)),
        events.TicketCounted(about="analytics", small=10, waited_s=0, worked_s=0, at=at(3)),
        events.MessageShed(about="analytics", small=10, age_s=6, at=at(4)),
    ]

    assert course(record, BEGAN)[-1] == [4.0, 0, 10, 0, 20]


def test_a_long_course_keeps_its_ends() -> None:
    record = [events.MessageEnqueued(order=n, queue="q", at=at(n)) for n in range(1, 1001)]

    points = course(record, BEGAN)

    assert len(points) == POINTS
    assert (points[0][:2], points[-1][:2]) == ([0.0, 0], [1000.0, 1000])
