"""Every second the supervisor measures what goes on, and what it costs does not grow with the viewers."""

from __future__ import annotations

import time
from dataclasses import asdict

import pytest
from sqlalchemy import insert, select

from tests.workers.back_of_house import BackOfHouse
from workers import events, fleet, outbox, sandboxes, tables
from workers.database import begin, read, utc_now
from workers.messages import CompleteOrder
from workers.watch import alerts, timeline
from workers.watch.samples import KEPT_S, QUIET_S, Meter, forget_the_old
from workers.watch.timeline import Sample


class Clock:
    """The supervisor's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        return self.now

    @staticmethod
    def monotonic() -> float:
        return time.monotonic()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("workers.watch.samples.time", clock)
    return clock


@pytest.fixture
def meter(house: BackOfHouse, clock: Clock) -> Meter:
    """A meter that has looked once."""
    meter = Meter()
    meter.take(house.broker, [house.sandbox])
    clock.now += 1
    return meter


def test_a_sample_counts_what_waits_what_is_held_and_what_came_and_went(
    house: BackOfHouse, meter: Meter, clock: Clock
) -> None:
    for name in ("w1", "w2"):
        fleet.born(house.sandbox, name, f"rq-{name}", 4242, "supervisor")
    done, held, *_ = [house.place() for _ in range(5)]
    house.acknowledge(done)
    outbox.close(done, "w1", 1)
    house.lease(held, "rq-w2")
    schedule(house)
    lay_aside(house)

    sample = taken(house, meter, clock)

    assert (sample.depth, sample.busy, sample.alive, sample.scheduled, sample.dead) == (3, 1, 2, 1, 1)
    assert (sample.came_in, sample.went_out) == (5, 1)
    assert sample.oldest_age_s is not None
    assert sample.oldest_age_s < 5


def test_what_came_and_went_is_counted_once(house: BackOfHouse, meter: Meter, clock: Clock) -> None:
    house.place()
    assert taken(house, meter, clock).came_in == 1
    house.place()
    house.place()

    assert taken(house, meter, clock).came_in == 2


def test_the_age_is_of_the_oldest_that_waits(house: BackOfHouse, meter: Meter, clock: Clock) -> None:
    held, dead, later = house.place(), house.place(), house.place()
    house.age(tables.outbox, by_s=30)
    waiting = house.place()
    house.lease(held)
    change(dead, dead_at=utc_now())
    change(later, due_at=utc_now())

    sample = taken(house, meter, clock)
    assert sample.oldest_age_s is not None
    assert sample.oldest_age_s < 5

    house.lease(waiting)
    house.broker.delete(f"rq:queue:{waiting.queue}")
    clock.now += QUIET_S
    assert taken(house, meter, clock).oldest_age_s is None


def test_waits_are_the_mean_of_the_customers_who_were_answered(house: BackOfHouse, meter: Meter, clock: Clock) -> None:
    for checkout, waited_s in (("now", 12.0), ("now", 14.0), ("later", 0.9)):
        events.append(house.sandbox, events.CustomerAnswered(checkout=checkout, outcome="success", waited_s=waited_s))

    sample = taken(house, meter, clock)
    assert (sample.wait_now_s, sample.wait_later_s) == (13.0, 0.9)

    house.place()
    sample = taken(house, meter, clock)
    assert (sample.wait_now_s, sample.wait_later_s) == (None, None)


def test_while_nothing_moves_a_sample_is_taken_only_now_and_then(
    house: BackOfHouse, meter: Meter, clock: Clock
) -> None:
    began = len(timeline.series(house.sandbox, until=clock.now))

    for _ in range(4 * QUIET_S):
        taken(house, meter, clock)

    assert len(timeline.series(house.sandbox, until=clock.now)) == began + 4


def test_a_sandbox_in_which_a_rule_holds_is_measured_every_second(
    house: BackOfHouse, meter: Meter, clock: Clock
) -> None:
    lay_aside(house)
    clock.now += QUIET_S
    taken(house, meter, clock)

    for _ in range(3):
        assert taken(house, meter, clock).second == int(clock.now) - 1


def test_a_death_in_the_first_second_after_waking_is_an_alert(house: BackOfHouse, meter: Meter) -> None:
    woken = sandboxes.create()
    events.append(woken, events.WorkerCrashed(worker="w1", pid=1, signal="SIGKILL"))

    meter.take(house.broker, [house.sandbox, woken])

    assert [alert.rule.name for alert in alerts.firing(woken)] == ["WorkerDied"]


def test_what_happened_before_the_supervisor_came_is_no_alert(house: BackOfHouse) -> None:
    events.append(house.sandbox, events.WorkerCrashed(worker="w1", pid=1, signal="SIGKILL"))
    [house.place() for _ in range(20)]

    Meter().take(house.broker, [house.sandbox])

    assert alerts.firing(house.sandbox) == ()


def test_a_sandbox_that_is_deleted_meanwhile_leaves_nothing(house: BackOfHouse, meter: Meter, clock: Clock) -> None:
    house.place()
    sandboxes.delete(house.sandbox)

    meter.take(house.broker, [house.sandbox])

    with read() as db:
        assert db.execute(select(tables.samples)).all() == []


def test_two_supervisors_in_one_second_are_no_error(house: BackOfHouse, meter: Meter, clock: Clock) -> None:
    Meter().take(house.broker, [house.sandbox])
    Meter().take(house.broker, [house.sandbox])

    assert [sample.second for sample in timeline.series(house.sandbox, until=clock.now)][-1] == int(clock.now)


def test_many_sandboxes_are_one_question_to_the_broker(
    house: BackOfHouse, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [house.sandbox, *(sandboxes.create() for _ in range(5))]
    asked: list[int] = []
    monkeypatch.setattr("redis.client.Pipeline.execute", counted(asked))

    meter.take(house.broker, named)

    assert len(asked) == 1


def test_old_samples_are_forgotten(house: BackOfHouse, clock: Clock) -> None:
    for second in (int(clock.now - KEPT_S - 2), int(clock.now)):
        keep(house, Sample(second))

    forget_the_old()

    assert len(timeline.series(house.sandbox, until=clock.now, seconds=2 * KEPT_S)) == 1


def taken(house: BackOfHouse, meter: Meter, clock: Clock) -> Sample:
    """Let the meter look, a second later than the last time; the newest sample."""
    meter.take(house.broker, [house.sandbox])
    clock.now += 1
    return timeline.series(house.sandbox, until=clock.now)[-1]


def schedule(house: BackOfHouse) -> None:
    house.broker.zadd(f"rq:scheduled:{house.sandbox}:checkout", {"later": utc_now().timestamp() + 60})


def lay_aside(house: BackOfHouse) -> None:
    """A dead letter, as the ledger keeps it."""
    row = {"message": "m", "sandbox": house.sandbox, "order": 1, "error_group": "g", "error": "e", "traceback": "t"}
    with begin() as db:
        when = {"first_failed_at": utc_now(), "dead_at": utc_now()}
        db.execute(insert(tables.dead_letters).values(**row, **when, attempts=3))


def change(message: CompleteOrder, **values: object) -> None:
    with begin() as db:
        mine = tables.outbox.c.message == message.id
        db.execute(tables.outbox.update().where(mine).values(**values))


def keep(house: BackOfHouse, sample: Sample) -> None:
    with begin() as db:
        db.execute(insert(tables.samples).values(sandbox=house.sandbox, **asdict(sample)))


def counted(asked: list[int]) -> object:
    from redis.client import Pipeline

    execute = Pipeline.execute

    def count(self: Pipeline, *args: object, **options: object) -> object:
        asked.append(1)
        return execute(self, *args, **options)  # type: ignore[arg-type]

    return count
