"""What a dead worker had comes back: from under its lease when that is over, or from its hand at once."""

from datetime import timedelta

import pytest

from tests.product import eventually
from tests.workers.back_of_house import BackOfHouse
from workers import events, reaper, sandboxes
from workers.database import utc_now


def test_a_message_returns_to_the_head_when_its_lease_is_over(house: BackOfHouse) -> None:
    message, next_one = house.place(), house.place()
    house.lease(message, for_s=-0.1)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 1

    assert house.waiting() == [message.id, next_one.id]
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"queued"
    [redelivered] = house.events("MessageRedelivered")
    assert isinstance(redelivered, events.MessageRedelivered)
    assert (redelivered.message, redelivered.reason) == (message.id, "lease expired")


def test_expiring_twice_delivers_once(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, for_s=-0.1)

    found = [reaper.bring_back(house.broker, [house.sandbox]) for _ in range(2)]

    assert found == [1, 0]
    assert house.waiting() == [message.id]


def test_a_living_lease_is_left_alone(house: BackOfHouse) -> None:
    house.lease(house.place(), for_s=2)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 0
    assert house.waiting() == []


def test_a_lease_is_over_on_time(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, for_s=0.5)
    end = utc_now() + timedelta(seconds=0.4)

    eventually(lambda: reaper.bring_back(house.broker, [house.sandbox]), 3)

    assert utc_now() > end
    assert house.waiting() == [message.id]


def test_finished_work_is_not_done_again_because_its_lease_was_left_behind(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, for_s=-0.1)
    house.acknowledge(message)

    assert reaper.bring_back(house.broker, [house.sandbox]) == 0
    assert house.waiting() == []


def test_one_look_serves_all_sandboxes(house: BackOfHouse) -> None:
    houses = [house, *(BackOfHouse(house.broker, sandboxes.create()) for _ in range(3))]
    messages = [each.place() for each in houses]
    for each, message in zip(houses, messages, strict=True):
        each.lease(message, for_s=-0.1)

    assert reaper.bring_back(house.broker, [each.sandbox for each in houses]) == 4

    assert [each.waiting() for each in houses] == [[message.id] for message in messages]


def test_what_a_worker_had_pulled_but_not_leased_returns_at_once(house: BackOfHouse) -> None:
    message, next_one = house.place(), house.place()
    house.pull(message, "rq-w1")

    reaper.give_back(house.broker, house.sandbox, "rq-w1")

    assert house.waiting() == [message.id, next_one.id]
    assert house.row(message).deliveries == 0
    [redelivered] = house.events("MessageRedelivered")
    assert isinstance(redelivered, events.MessageRedelivered)
    assert redelivered.reason == "never started"


def test_giving_back_twice_gives_back_once(house: BackOfHouse) -> None:
    message = house.place()
    house.pull(message, "rq-w1")

    for _ in range(2):
        reaper.give_back(house.broker, house.sandbox, "rq-w1")

    assert house.waiting() == [message.id]


def test_a_dead_workers_lease_says_when_its_message_comes_back(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message, "rq-w1", for_s=5)

    held = reaper.held_by(house.broker, house.sandbox, "rq-w1")

    assert held is not None
    assert (held.job, held.order) == (message.id, message.order)
    assert (held.back_at - utc_now()).total_seconds() == pytest.approx(5, abs=0.5)


def test_an_idle_worker_holds_nothing(house: BackOfHouse) -> None:
    assert reaper.held_by(house.broker, house.sandbox, "rq-w1") is None


def test_the_broker_forgets_a_dead_worker(house: BackOfHouse) -> None:
    house.broker.sadd("rq:workers", "rq:worker:rq-w1")
    house.broker.hset("rq:worker:rq-w1", "state", "busy")

    reaper.forget(house.broker, house.sandbox, "rq-w1")

    assert house.broker.smembers("rq:workers") == set()
    assert not house.broker.exists("rq:worker:rq-w1")
