"""The ledger counts rows and real effects, so that it finds what is lost and what happened twice."""

from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, update

from tests.workers.back_of_house import BackOfHouse
from workers import ledger, outbox, placing, tables, undone
from workers.database import begin, utc_now
from workers.errors import CardDeclined
from workers.messages import CompleteOrder
from workers.shop import analytics, audit, inventory, loyalty, receipts
from workers.shop.orders import Order, nothing_more
from workers.snapshot import Ledger


def test_an_empty_sandbox_has_empty_books(house: BackOfHouse) -> None:
    assert books(house) == Ledger()


def test_every_order_is_counted_in_one_place(house: BackOfHouse) -> None:
    waiting, running, finished, lost = (house.place() for _ in range(4))
    complete(finished)
    outbox.close(lost, "w1", 1)

    found = books(house, running)

    assert waiting.id in house.waiting()
    assert found == Ledger(placed=4, done=1, waiting=1, running=1, lost=1)
    assert found.adds_up


def test_a_committed_message_that_no_broker_knows_is_waiting(house: BackOfHouse) -> None:
    house.commit()

    assert books(house) == Ledger(placed=1, waiting=1)


@pytest.mark.parametrize("effect", list(undone.EFFECTS), ids=lambda table: table.name)
def test_an_order_that_lacks_one_effect_is_lost(house: BackOfHouse, effect: Table) -> None:
    message = house.place()
    complete(message)
    with begin() as db:
        db.execute(delete(effect).where(effect.c.order == message.order))

    assert books(house) == Ledger(placed=1, lost=1)


@pytest.mark.parametrize("effect", list(undone.EFFECTS), ids=lambda table: table.name)
def test_an_order_that_has_one_effect_twice_is_duplicated(house: BackOfHouse, effect: Table) -> None:
    message = house.place()
    complete(message)
    repeat(effect, message)

    assert books(house) == Ledger(placed=1, done=1, duplicated=1)


def test_an_order_that_happened_twice_is_counted_once(house: BackOfHouse) -> None:
    message = house.place()
    complete(message)
    for effect in undone.EFFECTS:
        repeat(effect, message)

    assert books(house) == Ledger(placed=1, done=1, duplicated=1)


def test_an_order_whose_customer_still_waits_is_running(house: BackOfHouse) -> None:
    house.commit("now")

    assert books(house) == Ledger(placed=1, running=1)


def test_an_order_whose_request_was_cut_off_is_lost_after_a_minute(house: BackOfHouse) -> None:
    house.commit("now")
    house.age(tables.orders, by_s=61)

    assert books(house) == Ledger(placed=1, lost=1)


def test_an_order_now_is_done_when_its_customer_has_her_answer(house: BackOfHouse) -> None:
    message = house.commit("now")
    perform(message)
    with begin() as db:
        db.execute(update(tables.orders).values(answered_at=utc_now()))

    assert books(house) == Ledger(placed=1, done=1)


def test_a_declined_card_is_no_order(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)

    with pytest.raises(CardDeclined):
        placing.place(Order(house.sandbox, 0, card="declined"))

    assert books(house) == Ledger()
    assert house.open_messages() == 0


def test_sandboxes_are_counted_apart(house: BackOfHouse) -> None:
    house.place()
    other = BackOfHouse(house.broker, "other")

    assert books(other) == Ledger()


def test_rates_are_of_the_last_seconds(house: BackOfHouse) -> None:
    for message in [house.place() for _ in range(5)]:
        complete(message)
    now = ledger.read_books(house.sandbox)
    house.age(tables.outbox, by_s=11)
    later = ledger.read_books(house.sandbox)

    assert (now.in_per_s, now.out_per_s) == (0.5, 0.5)
    assert (later.in_per_s, later.out_per_s) == (0, 0)


def books(house: BackOfHouse, *leased: CompleteOrder) -> Ledger:
    return ledger.read_books(house.sandbox, {message.id for message in leased}).ledger


def complete(message: CompleteOrder) -> None:
    """Do the work of a message and close it."""
    outbox.taken(message, "w1", 8)
    perform(message)
    outbox.close(message, "w1", 1)


def perform(message: CompleteOrder) -> None:
    """The seven effects, without the servers of the outside world."""
    order = Order(message.sandbox, message.order)
    steps = (
        receipts.make_receipt,
        inventory.update_stock,
        analytics.record_sale,
        audit.write_entry,
        loyalty.award_points,
    )
    for do in steps:
        do(order, None, nothing_more)
    told = {"recipient": "ada@example.com", "subject": "", "body": "", "message_id": ""}
    write(tables.emails, message, **told)
    write(tables.deliveries, message, body={})


def write(table: Table, message: CompleteOrder, **more: Any) -> None:
    row = {"sandbox": message.sandbox, "order": message.order, "at": utc_now()}
    with begin() as db:
        db.execute(insert(table).values(**row, **more))


def repeat(table: Table, message: CompleteOrder) -> None:
    """Copy an effect's row."""
    with begin() as db:
        row = dict(db.execute(table.select().where(table.c.order == message.order)).mappings().first() or {})
        del row["id"]
        db.execute(insert(table).values(**row))
