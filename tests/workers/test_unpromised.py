"""Messages that nothing promised: counted like any other, sent again by nobody, lost when the broker forgets them."""

from __future__ import annotations

from sqlalchemy import delete

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import fail
from workers import audit, deletions, fleet, ledger, outbox, placing, tables, wipes
from workers.chosen import Chosen
from workers.database import begin
from workers.messages import CompleteOrder
from workers.shop import orders
from workers.shop.orders import Order


def test_a_wipe_loses_at_once_what_waited(house: BackOfHouse) -> None:
    promised, unpromised = house.place(), send(house)

    assert wipes.wipe(house.sandbox) == 2

    assert [event.message for event in house.events("MessageLost")] == [unpromised.id]
    counted = ledger.read_books(house.sandbox).ledger
    assert (counted.placed, counted.lost, counted.waiting) == (2, 1, 1)
    assert counted.adds_up
    assert house.row(promised).closed_at is None


def test_a_wipe_leaves_a_dead_letter_dead(house: BackOfHouse) -> None:
    message = die(house, send(house))

    wipes.wipe(house.sandbox)

    assert house.events("MessageLost") == []
    assert house.row(message).closed_at is None


def test_what_a_worker_is_at_is_lost_only_when_it_is_at_it_no_more(house: BackOfHouse) -> None:
    message = send(house)
    fleet.born(house.sandbox, "w1", "rq-w1", 4242, "supervisor")
    house.lease(message, "rq-w1")
    assert outbox.taken(message, "w1", 8) == 1
    house.broker.hset("rq:worker:rq-w1", "state", "busy")
    wipes.wipe(house.sandbox)
    house.age(tables.outbox, by_s=10)

    look(house, times=4)
    assert house.events("MessageLost") == []

    house.broker.hset("rq:worker:rq-w1", "state", "idle")
    look(house, times=2)
    assert [event.order for event in house.events("MessageLost")] == [message.order]
    assert house.waiting() == [], "nobody sends it again"
    assert house.events("MessageRedelivered") == []


def test_a_late_worker_finishes_what_the_broker_has_forgotten(house: BackOfHouse) -> None:
    message = send(house)
    house.lease(message)
    assert outbox.taken(message, "w1", 8) == 1

    assert wipes.wipe(house.sandbox) == 1

    assert outbox.close_late(message, "w1", 1)
    assert house.events("MessageLost") == []


def test_a_worker_may_be_faster_than_the_row_of_its_message(house: BackOfHouse) -> None:
    message = send(house)
    with begin() as db:
        db.execute(delete(tables.outbox))

    assert outbox.taken(message, "w1", 8) == 1
    with begin() as db:
        outbox.note_unpromised(message, db)

    assert (house.row(message).deliveries, house.row(message).promised) == (1, False)
    assert outbox.taken(message, "w2", 8) == 2
    assert audit.relay_left_overs() == 0


def test_a_message_about_no_order_leaves_both_sides_of_the_ledger_when_it_is_deleted(house: BackOfHouse) -> None:
    die(house, send(house, committed=False))
    counted = ledger.read_books(house.sandbox).ledger
    assert (counted.placed, counted.dead) == (1, 1)
    assert counted.adds_up
    deletions.remove(house.sandbox, Chosen(all=True))
    house.age(tables.dead_letters, by_s=deletions.FINAL_AFTER_S + 1)

    assert deletions.purge() == 1

    books = ledger.read_books(house.sandbox)
    assert (books.ledger.placed, books.ledger.dead, books.ledger.lost, books.acknowledged) == (0, 0, 0, 0)
    assert books.ledger.adds_up


def send(house: BackOfHouse, committed: bool = True) -> CompleteOrder:
    """An order's message that was enqueued, and that nothing promised; the order itself may never be committed."""
    order = Order(house.sandbox, placing.admit(house.sandbox)[0])
    if committed:
        orders.record(order)
    message = CompleteOrder(order.sandbox, order.number, promised=False)
    outbox.send(message)
    return message


def die(house: BackOfHouse, message: CompleteOrder) -> CompleteOrder:
    while fail(message).fate != "dead":
        pass
    return message


def look(house: BackOfHouse, times: int) -> None:
    """Let the audit look for what is nowhere."""
    suspects: set[str] = set()
    for _ in range(times):
        suspects = audit.find_orphans(house.broker, suspects)
