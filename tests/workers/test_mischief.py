"""What a reader does to single messages: one that always fails, one that is delivered again."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import letter
from workers import audit, events, limits, mischief, outbox, tables
from workers.errors import NoMessage, OverLimit, UnknownOrder
from workers.sandboxes import CAPS


def test_a_message_that_waits_is_on_its_queue_twice(house: BackOfHouse) -> None:
    message = house.place()

    assert mischief.duplicate(house.sandbox, message.order) == message.id

    assert house.waiting() == [message.id, message.id]
    [again] = house.events("MessageRedelivered")
    assert isinstance(again, events.MessageRedelivered)
    assert (again.order, again.reason) == (message.order, "duplicated")


def test_a_message_whose_work_is_done_is_done_again(house: BackOfHouse) -> None:
    message = house.place()
    house.acknowledge(message)
    outbox.close(message, "w1", 1)

    mischief.duplicate(house.sandbox, message.order)

    assert house.waiting() == [message.id]
    assert outbox.taken(message, "w2", 8) == 1


def test_a_message_that_the_broker_forgot_is_made_anew(house: BackOfHouse) -> None:
    message = house.place()
    house.broker.flushall()

    mischief.duplicate(house.sandbox, message.order)

    assert house.waiting() == [message.id]


def test_duplicates_are_no_orphans(house: BackOfHouse) -> None:
    message = house.place()
    mischief.duplicate(house.sandbox, message.order)
    house.age(tables.outbox, by_s=10)

    assert audit.find_orphans(house.broker, set()) == set()


def test_only_an_order_with_a_living_message_can_be_delivered_again(house: BackOfHouse) -> None:
    with pytest.raises(UnknownOrder):
        mischief.duplicate(house.sandbox, 4711)
    with pytest.raises(NoMessage, match="no message"):
        mischief.duplicate(house.sandbox, house.commit("now").order)
    with pytest.raises(NoMessage, match="replay"):
        mischief.duplicate(house.sandbox, letter(house).order)


def test_mischief_counts_as_chaos(house: BackOfHouse) -> None:
    message = house.place()
    for _ in range(CAPS["chaos_per_minute"]):
        limits.check_chaos(house.sandbox)
        mischief.duplicate(house.sandbox, message.order)

    with pytest.raises(OverLimit):
        limits.check_chaos(house.sandbox)
