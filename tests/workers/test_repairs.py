"""What a person corrects of a dead letter holds from its replay on."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from tests.workers.letters import fail, letter
from workers import batches, dead_letters, events, outbox, repairs, replays
from workers.chosen import Chosen
from workers.errors import UnknownLetter
from workers.messages import CompleteOrder
from workers.queues import SignedJson, TicketJob
from workers.shop import orders
from workers.shop.orders import Order


def test_the_order_has_the_corrected_address(house: BackOfHouse) -> None:
    message = letter(house)

    repairs.correct_email(house.sandbox, message.id, "right@example.com")

    assert orders.find(house.sandbox, message.order).email == "right@example.com"
    opened = dead_letters.find(house.sandbox, message.id)
    assert repairs.email_of(opened, house.sandbox) == "right@example.com"
    [told] = house.events("DeadLetterRepaired")
    assert isinstance(told, events.DeadLetterRepaired)
    assert (told.order, told.email) == (message.order, "right@example.com")


def test_a_design_that_carries_its_address_is_sent_anew_with_the_right_one(house: BackOfHouse) -> None:
    number = batches._draw(house.sandbox, 1)
    design = {"later": ["email"], "email": "wrong@example.com", "card": "good"}
    orders.record(Order(house.sandbox, number, later=("email",)))
    message = CompleteOrder(house.sandbox, number, design=design)
    outbox.enter(message)
    outbox.relay(message)
    while fail(message).fate != "dead":
        pass

    repairs.correct_email(house.sandbox, message.id, "right@example.com")
    replays.replay(house.sandbox, Chosen(all=True))

    job = TicketJob.fetch(message.id, connection=house.broker, serializer=SignedJson)
    assert job.args[0]["design"]["email"] == "right@example.com"


def test_only_what_lies_there_can_be_repaired(house: BackOfHouse) -> None:
    alive, replayed = house.place(), letter(house)
    replays.replay(house.sandbox, Chosen(all=True))

    for message in (alive.id, replayed.id, f"{house.sandbox}-1"):
        with pytest.raises(UnknownLetter):
            repairs.correct_email(house.sandbox, message, "right@example.com")
    assert house.events("DeadLetterRepaired") == []
