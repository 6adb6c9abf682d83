"""The figures that show a fault: each from what was measured or written, at the moment when it first did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from tests.workers.back_of_house import BackOfHouse
from workers import events
from workers.database import begin, utc_now
from workers.drills import conduct, signs
from workers.drills import drill as drills
from workers.drills.drill import Drill
from workers.tables import drills as rows
from workers.tables import event_log, samples

START = utc_now().replace(microsecond=0) - timedelta(seconds=60)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def faulty(house: BackOfHouse) -> Drill:
    """A drill at speed 4 whose fault came at second 0."""
    conduct.start(house.sandbox, "token", "poison")
    with begin() as db:
        db.execute(update(rows).values(state="faulty", started_at=at(-10), injected_at=at(0)))
    found = drills.latest(house.sandbox)
    assert found
    return found


def write(house: BackOfHouse, second: float, event: events.Event) -> None:
    events.append(house.sandbox, event)
    with begin() as db:
        newest = events.newest([house.sandbox])[house.sandbox]
        db.execute(update(event_log).where(event_log.c.sequence == newest).values(at=at(second)))


def measure(house: BackOfHouse, second: int, **values: Any) -> None:
    empty = {column.name: 0 for column in samples.c if not column.nullable} | {"alive": 2}
    with begin() as db:
        when = int(at(second).timestamp())
        db.execute(insert(samples).values(empty | values | {"sandbox": house.sandbox, "second": when}))


def call(seconds: float) -> events.Event:
    return events.StepFinished(step="webhook", worker="w1", where="worker", seconds=seconds)


def test_when_all_is_well_no_figure_shows_anything(house: BackOfHouse) -> None:
    drill = faulty(house)
    for second in range(0, 30, 5):
        write(house, second, events.MessageAcknowledged())
        write(house, second, call(0.5))
        measure(house, second, came_in=2, went_out=2, oldest_age_s=3.0)

    assert signs.find(drill, at(30)) == {}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("deaths", events.WorkerCrashed(worker="w1", pid=1, signal="SIGKILL")),
        ("retries", events.RetryScheduled(delay_s=1, due_at="", error="e")),
        ("dead", events.MessageDeadLettered(group="g", error="e")),
        ("silence", events.AlertFired(rule="WorkerSilent")),
        ("alive", events.WorkerStopped(worker="w1", pid=1)),
    ],
)
def test_an_event_shows_it_when_it_happens_first_after_the_fault(
    house: BackOfHouse, name: str, event: events.Event
) -> None:
    drill = faulty(house)
    for second in (-3, 4, 6):
        write(house, second, event)

    assert signs.find(drill, at(9)) == {name: at(4)}


@pytest.mark.parametrize(
    ("name", "values"), [("alive", {"alive": 1}), ("age", {"oldest_age_s": 10.5}), ("in", {"came_in": 7})]
)
def test_a_measurement_shows_it(house: BackOfHouse, name: str, values: dict[str, Any]) -> None:
    drill = faulty(house)
    measure(house, -4, **values)
    measure(house, 3)
    measure(house, 5, **values)

    assert signs.find(drill, at(8))[name] == at(5)


def test_nothing_finished_for_long_shows_it_at_the_end_of_that_time(house: BackOfHouse) -> None:
    drill = faulty(house)
    write(house, 2, events.MessageAcknowledged())

    assert signs.find(drill, at(11)) == {}
    assert signs.find(drill, at(20)) == {"stalled": at(12)}


def test_one_slow_call_may_be_chance_and_two_are_not(house: BackOfHouse) -> None:
    drill = faulty(house)
    write(house, 2, call(1.8))
    assert signs.find(drill, at(5)) == {}

    write(house, 4, call(1.8))
    assert signs.find(drill, at(5)) == {"slow": at(4)}
