"""Many orders in one piece: all but the call to the partner is really done, and the messages come at once."""

from __future__ import annotations

import pytest

from tests.workers.back_of_house import BackOfHouse
from workers import batches, ledger
from workers.checkout import STEPS
from workers.errors import OverLimit
from workers.messages import CompleteOrder
from workers.sandboxes import CAPS
from workers.shop import effects


@pytest.fixture(autouse=True)
def posted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail is taken without a mail server."""
    sent = [step for step in STEPS if step.name == "email"]
    for step in sent:
        monkeypatch.setitem(step.__dict__, "do", lambda order, key, finish: effects.happened_outside(finish, True))


def test_all_messages_are_on_the_queue_with_eight_steps_done(house: BackOfHouse) -> None:
    messages = batches.prepare(house.sandbox, 3)
    assert house.waiting() == []

    batches.send(messages)

    assert house.waiting() == [message.id for message in messages]
    assert [message.order for message in messages] == [1001, 1002, 1003]
    finished = house.events("StepFinished")
    assert [sum(event.order == message.order for event in finished) for message in messages] == [8, 8, 8]
    assert len(house.events("MessageEnqueued")) == 3
    [placed] = house.events("BatchPlaced")
    assert placed.details == {"first": 1001, "count": 3}
    books = ledger.read_books(house.sandbox).ledger
    assert (books.placed, books.waiting, books.lost, books.adds_up) == (3, 3, 0, True)
    assert CompleteOrder.decode(messages[0].encode()) == messages[0]


def test_no_more_than_the_shop_takes(house: BackOfHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAPS, "queued_messages", 2)

    with pytest.raises(OverLimit):
        batches.prepare(house.sandbox, 3)

    assert house.events() == []
