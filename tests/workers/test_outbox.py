"""A message is committed with its order, reaches the queue once, and is closed when its work is acknowledged."""

import pytest
from sqlalchemy import Connection, select

from tests.workers.back_of_house import BackOfHouse
from workers import audit, database, outbox, tables
from workers.errors import TicketwheelError
from workers.messages import CompleteOrder
from workers.shop import orders
from workers.shop.orders import Order


def test_an_order_without_its_message_is_never_committed(house: BackOfHouse) -> None:
    def fails(_: Connection) -> None:
        raise TicketwheelError("no message")

    with pytest.raises(TicketwheelError):
        orders.record(Order(house.sandbox, 1001), also=fails)

    with database.read() as db:
        assert db.execute(select(tables.orders)).all() == []
    assert house.events("OrderPlaced") == []


def test_a_committed_message_waits_in_the_outbox(house: BackOfHouse) -> None:
    message = house.commit()

    assert house.waiting() == []
    assert house.row(message).enqueued_at is None
    assert house.open_messages() == 1


def test_relaying_puts_the_message_on_the_queue_and_says_so(house: BackOfHouse) -> None:
    message = house.commit()

    assert outbox.relay(message)

    assert house.waiting() == [message.id]
    assert house.row(message).enqueued_at is not None
    assert [event.message for event in house.events("MessageEnqueued")] == [message.id]


def test_relaying_a_message_twice_makes_one_job(house: BackOfHouse) -> None:
    message = house.place()

    assert outbox.relay(message)

    assert house.waiting() == [message.id]
    assert len(house.events("MessageEnqueued")) == 1


def test_relaying_a_message_that_is_at_work_does_not_reset_it(house: BackOfHouse) -> None:
    message = house.place()
    house.lease(message)

    assert outbox.relay(message)

    assert house.waiting() == []
    assert house.broker.hget(f"rq:job:{message.id}", "status") == b"started"


@pytest.mark.usefixtures("broker_away")
def test_an_order_is_kept_while_the_broker_is_away(house: BackOfHouse) -> None:
    message = house.commit()

    assert not outbox.relay(message)

    assert house.row(message).enqueued_at is None
    assert house.events("MessageEnqueued") == []


def test_a_message_whose_request_died_is_relayed_by_the_supervisor(house: BackOfHouse) -> None:
    message = house.commit()
    assert audit.relay_left_overs() == 0, "its own request may still do it"
    house.age(tables.outbox, by_s=1)

    assert audit.relay_left_overs() == 1
    assert audit.relay_left_overs() == 0

    assert house.waiting() == [message.id]


def test_each_delivery_is_counted(house: BackOfHouse) -> None:
    message = house.place()

    assert [outbox.taken(message, worker, 8) for worker in ("w1", "w2")] == [1, 2]

    assert [(event.worker, event.attempt) for event in house.events("MessageTaken")] == [("w1", 1), ("w2", 2)]


def test_a_message_of_a_deleted_sandbox_is_nobodys(house: BackOfHouse) -> None:
    assert outbox.taken(CompleteOrder(house.sandbox, 4711), "w1", 8) is None


def test_a_message_is_closed_once(house: BackOfHouse) -> None:
    message = house.place()

    outbox.close(message, "w1", 1)
    outbox.close(message, "w2", 2)

    assert [event.worker for event in house.events("MessageAcknowledged")] == ["w1"]
    assert house.open_messages() == 0
