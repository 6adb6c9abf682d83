"""A run of retries is read from the record: each try with what became of it, each pause as long as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lessons.labs.tries import Clock, Reader, Row
from workers import events
from workers.events import Event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def said(kind: type[Event], seconds: float, order: int = 1001, **more: Any) -> Event:
    return kind(order=order, message=f"s-{order}", at=at(seconds), **more)


def taken(seconds: float, order: int = 1001) -> Event:
    return said(events.MessageTaken, seconds, order, lease_s=2)


def failed(seconds: float, delay_s: float, order: int = 1001) -> Event:
    due = at(seconds + delay_s).isoformat()
    return said(events.RetryScheduled, seconds, order, delay_s=delay_s, due_at=due, error="503")


def dead(seconds: float, order: int = 1001, group: str = "webhook: partner answered 503") -> Event:
    return said(events.MessageDeadLettered, seconds, order, group=group, error="503")


def read(record: Sequence[Event], now: float, orders: int = 1) -> tuple[Row, ...]:
    reader = Reader(Clock(NOON), {order: Row(order) for order in range(1001, 1001 + orders)})
    return reader.read(record, at(now))


def states(row: Row) -> list[tuple[str, float]]:
    return [(each.state, each.end) for each in row.tries]


def test_a_try_fails_waits_and_succeeds() -> None:
    [row] = read([taken(0), failed(0.2, 2), taken(2.3), said(events.MessageAcknowledged, 2.5)], now=9)

    assert states(row) == [("retrying", 0.2), ("done", 2.5)]
    assert [(pause.kind, pause.start, pause.end) for pause in row.pauses] == [("pause", 0.2, 2.2)]
    assert (row.state, row.over, row.end) == ("done", True, 2.5)


def test_what_goes_on_is_drawn_up_to_now() -> None:
    [first, second] = read([taken(0), failed(0.2, 8), taken(0.5, 1002)], now=3, orders=2)

    assert [(pause.start, pause.end) for pause in first.pauses] == [(0.2, 3)]
    assert states(second) == [("running", 3)]
    assert not first.over


def test_the_last_try_and_a_death_end_on_the_spike() -> None:
    crash = said(events.WorkerCrashed, 2.6, pid=7, signal="SIGSEGV")
    lease = said(events.WorkerCrashed, 0.6, pid=6, signal="SIGSEGV", back_at=at(2.1).isoformat())
    [row] = read([taken(0), lease, taken(2.2), crash, dead(2.6, group="worker died")], now=9)

    assert states(row) == [("killed", 0.6), ("killed", 2.6)]
    assert [pause.kind for pause in row.pauses] == ["time-out"]
    assert row.state == "dead"
    [other] = read([taken(0), dead(0.3)], now=9)
    assert states(other) == [("dead", 0.3)]


def test_a_message_that_is_held_back_was_not_called() -> None:
    held = said(events.MessageHeldBack, 0.1, delay_s=3.0, due_at=at(3.1).isoformat())
    [row] = read([taken(0), held], now=1)

    assert states(row) == [("refused", 0.1)]
    assert (row.tries[0].word, row.pauses[0].kind) == ("not called", "held back")


def test_the_time_before_a_replay_is_left_out_when_everything_was_over() -> None:
    replayed = said(events.MessageReplayed, 301)
    record = [taken(0), dead(0.5), replayed, taken(301.2), said(events.MessageAcknowledged, 301.6)]
    reader = Reader(Clock(NOON), {1001: Row(1001)})

    [row] = reader.read(record, at(400))

    assert reader.replays == [1.5]
    assert states(row) == [("dead", 0.5), ("done", 2.1)]


def test_a_replay_while_others_are_still_at_work_cuts_nothing() -> None:
    record = [taken(0), dead(0.5), taken(0.6, 1002), said(events.MessageReplayed, 20.0)]
    reader = Reader(Clock(NOON), {1001: Row(1001), 1002: Row(1002)})

    rows = reader.read(record, at(21))

    assert reader.replays == []
    assert [row.state for row in rows] == ["waiting", "running"]
