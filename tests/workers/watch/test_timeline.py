"""What the control room shows over time: samples, acts, and a forecast in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pytest
from sqlalchemy import insert

from tests.workers.back_of_house import BackOfHouse
from workers import events, tables
from workers.database import begin, utc_now
from workers.watch import timeline
from workers.watch.timeline import Sample, forecast


def test_a_series_is_the_seconds_that_were_asked_for_oldest_first(house: BackOfHouse) -> None:
    with begin() as db:
        for second in (100, 50, 41, 40, 101):
            db.execute(insert(tables.samples).values(sandbox=house.sandbox, **asdict(Sample(second))))

    assert [each.second for each in timeline.series(house.sandbox, until=100.9, seconds=60)] == [41, 50, 100]
    assert timeline.series("nowhere") == ()


def minute(*, depth: int, came_in: float = 0, went_out: float = 0, busy: int = 2, seconds: int = 60) -> list[Sample]:
    """An even minute: messages in and out a second, up to a depth."""
    return [
        Sample(
            second,
            depth=depth,
            busy=busy,
            came_in=round(came_in * (second + 1)) - round(came_in * second),
            went_out=round(went_out * (second + 1)) - round(went_out * second),
        )
        for second in range(seconds)
    ]


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ([], "nothing measured"),
        (minute(depth=0, came_in=3, went_out=3), "empty"),
        (minute(depth=40, came_in=1, went_out=2), "drains in 40 s"),
        (minute(depth=600, came_in=1, went_out=2), "drains in 10 min"),
        (minute(depth=60_000, came_in=1, went_out=2), "drains in 17 h"),
        (minute(depth=40, came_in=5.2, went_out=2), "will not drain: 3.2 more come in a second than go out"),
        (minute(depth=40, came_in=2, went_out=2), "steady"),
        (minute(depth=40, busy=0), "will not drain: nothing goes out"),
        (minute(depth=40, came_in=2, seconds=5), "too early to say"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_forecast_is_in_words(measured: Sequence[Sample], words: str) -> None:
    assert forecast(measured) == words


def test_two_slow_workers_are_no_reason_to_despair() -> None:
    # Two workers who need 12 s for a message: in ten seconds it may be none or two that go out.
    slow = [Sample(second, depth=12, busy=2, went_out=2 if second % 12 == 0 else 0) for second in range(60)]

    assert forecast(slow) == "drains in 72 s"


def test_what_was_idle_before_does_not_count_as_slow() -> None:
    idle = [Sample(second) for second in range(50)]
    flooded = [Sample(second, depth=100, busy=2, went_out=4) for second in range(50, 60)]

    assert forecast([*idle, *flooded]) == "drains in 25 s"


def test_acts_are_told_in_a_few_words(house: BackOfHouse) -> None:
    for happened, words in ACTS:
        with begin() as db:
            db.execute(tables.event_log.delete())
        events.append(house.sandbox, happened)

        assert [act.label for act in acts(house)] == ([words] if words else [])


ACTS: list[tuple[events.Event, str]] = [
    (events.WorkerCrashed(worker="w2", pid=1, signal="SIGKILL"), "w2 killed"),
    (events.WorkerFrozen(worker="w1", pid=1, until="…"), "w1 frozen"),
    (events.WorkerThawed(worker="w1", pid=1), "w1 thawed"),
    (events.FloodStarted(per_second=20, seconds=5), "flood, 20 a second"),
    (events.PoisonPlaced(order=1001), "poison"),
    (events.MessageRedelivered(reason="duplicated"), "duplicate"),
    (events.MessageRedelivered(reason="lease expired"), ""),
    (events.OutageStarted(partner="slow", seconds=5), "partner slow"),
    (events.OutageEnded(partner="slow"), "partner up"),
    (events.BrokerWiped(messages=3), "broker wiped"),
    (events.DeadLettersDeleted(count=12_000), "12,000 deleted"),
    (events.DeadLettersRestored(count=1), "1 restored"),
    (events.SettingsChanged(changes={"workers": 6, "speed": 4.0}), "workers 6, speed 4"),
    (events.SettingsChanged(changes={"workers": 1, "lease_renewal": False}), "workers 1, lease renewal off"),
    (events.SettingsChanged(changes={"request_slots": 8, "visibility_timeout_s": 4}), "request slots 8, time-out 4 s"),
    (events.CalmRestored(), "calm"),
    (events.CircuitOpened(failures=5, for_s=3), "circuit open"),
    (events.CircuitHalfOpened(), "circuit half open"),
    (events.CircuitClosed(), "circuit closed"),
    (events.BatchPlaced(first=1001, count=50), "50 orders at once"),
    (events.DeadLetterRepaired(email="right@example.com"), "1 repaired"),
    (events.OrderPlaced(checkout="later"), ""),
]


def test_many_of_a_kind_in_one_second_are_one_act(house: BackOfHouse) -> None:
    crashes = [events.WorkerCrashed(worker=f"w{number}", pid=1, signal="SIGKILL") for number in range(3)]
    events.append(house.sandbox, *crashes, events.MessageRedelivered(reason="duplicated"))

    assert [act.label for act in acts(house)] == ["3 workers killed", "duplicate"]


def test_calm_is_one_act_whatever_it_changed(house: BackOfHouse) -> None:
    changed = events.SettingsChanged(changes={"workers": 2})
    events.append(house.sandbox, changed, events.WorkerThawed(worker="w1", pid=1), events.CalmRestored())

    assert [act.kind for act in acts(house)] == ["calm"]


def test_a_replay_of_thousands_is_one_act(house: BackOfHouse) -> None:
    with begin() as db:
        row = {"sandbox": house.sandbox, "total": 10_000, "replayed": 10_000, "skipped": 0, "started_at": utc_now()}
        db.execute(insert(tables.replays).values(**row))

    assert [(act.kind, act.label) for act in acts(house)] == [("replay", "10,000 replayed")]


def test_only_acts_of_the_time_that_was_asked_for_are_told(house: BackOfHouse) -> None:
    events.append(house.sandbox, events.CalmRestored())
    now = utc_now().timestamp()

    assert timeline.acts(house.sandbox, now - 600, now - 300) == ()
    assert timeline.acts("nowhere", now - 600, now) == ()


def acts(house: BackOfHouse) -> tuple[timeline.Act, ...]:
    now = utc_now().timestamp()
    return timeline.acts(house.sandbox, now - 600, now + 1)
