"""Every open message is in exactly one place at the broker, or is put back there."""

from tests.workers.back_of_house import BackOfHouse
from workers import audit, events, fleet, outbox, tables
from workers.messages import CompleteOrder

LONG_AGO_S = 10


def test_a_waiting_a_held_and_a_leased_message_are_no_orphans(house: BackOfHouse) -> None:
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    house.pull(house.place(), "rq-w1")
    house.lease(house.place(), "rq-w2")
    house.place()
    house.age(tables.outbox, LONG_AGO_S)

    assert twice(house) == set()
    assert house.events("MessageRedelivered") == []
    assert len(house.waiting()) == 1


def test_a_message_that_is_nowhere_is_enqueued_again(house: BackOfHouse) -> None:
    message = lost_by_the_broker(house)

    assert audit.find_orphans(house.broker, set()) == {message.id}
    assert house.waiting() == [], "one look may have met it on its way"
    assert audit.find_orphans(house.broker, {message.id}) == set()

    assert house.waiting() == [message.id]
    [redelivered] = house.events("MessageRedelivered")
    assert isinstance(redelivered, events.MessageRedelivered)
    assert redelivered.reason == "orphaned"


def test_a_message_held_by_a_worker_that_is_gone_is_an_orphan(house: BackOfHouse) -> None:
    message = house.place()
    house.pull(message, "rq-of-nobody")
    house.age(tables.outbox, LONG_AGO_S)

    twice(house)

    assert house.waiting() == [message.id]


def test_a_message_that_was_taken_just_now_is_not_suspected(house: BackOfHouse) -> None:
    message = lost_by_the_broker(house)
    outbox.taken(message, "w1", 8)

    assert audit.find_orphans(house.broker, set()) == set()


def test_an_acknowledged_message_is_closed_if_its_worker_died_before_it_could(house: BackOfHouse) -> None:
    message = house.place()
    house.acknowledge(message)
    house.age(tables.outbox, LONG_AGO_S)

    audit.find_orphans(house.broker, set())

    assert house.row(message).closed_at is not None
    assert [event.message for event in house.events("MessageAcknowledged")] == [message.id]


def test_losing_the_whole_broker_is_a_delay(house: BackOfHouse) -> None:
    messages = [house.place() for _ in range(5)]
    house.lease(messages[0], "rq-w1")
    house.pull(messages[1], "rq-w1")
    house.broker.flushall()
    house.age(tables.outbox, LONG_AGO_S)

    twice(house)
    house.age(tables.outbox, LONG_AGO_S)
    twice(house)

    assert sorted(house.waiting()) == sorted(message.id for message in messages)


def test_a_closed_message_is_nobodys_business(house: BackOfHouse) -> None:
    message = house.place()
    house.acknowledge(message)
    house.age(tables.outbox, LONG_AGO_S)
    audit.find_orphans(house.broker, set())
    house.broker.flushall()

    assert twice(house) == set()
    assert house.waiting() == []


def test_only_sandboxes_with_an_open_message_are_busy(house: BackOfHouse) -> None:
    assert audit.busy_sandboxes() == set()

    house.commit()

    assert audit.busy_sandboxes() == {house.sandbox}


def lost_by_the_broker(house: BackOfHouse) -> CompleteOrder:
    message = house.place()
    house.age(tables.outbox, LONG_AGO_S)
    house.broker.flushall()
    return message


def twice(house: BackOfHouse) -> set[str]:
    """Two looks running, the second with what the first suspected."""
    return audit.find_orphans(house.broker, audit.find_orphans(house.broker, set()))
