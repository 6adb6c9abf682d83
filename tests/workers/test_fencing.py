"""The number of a delivery as a fencing token: a receiver takes no write from a delivery that was overtaken."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from tests.product import Product, eventually
from tests.workers.back_of_house import BackOfHouse
from tests.workers.scripts import Stage
from tests.workers.witness import adds_up
from workers import outside
from workers.database import read
from workers.errors import Fenced
from workers.shop import loyalty, mail
from workers.shop.orders import Order, nothing_more
from workers.tables import deliveries, emails, loyalty_points


def test_our_own_rows_are_fenced_an_order_at_a_time(house: BackOfHouse) -> None:
    def award(token: int | None, order: int = 1001) -> None:
        loyalty.award_points(Order(house.sandbox, order, token=token), None, nothing_more)

    award(2)
    with pytest.raises(Fenced) as refused:
        award(1)
    award(1, order=1002)
    award(None)

    assert (refused.value.token, refused.value.highest) == (1, 2)
    assert count(house, loyalty_points) == 3


def test_the_mail_server_refuses_a_lower_token_and_says_which_it_has_seen(house: BackOfHouse) -> None:
    def send(token: int | None) -> str:
        message = mail.confirmation(Order(house.sandbox, 1001, token=token), None)
        return outside.take_mail(message.as_bytes(), "ada@example.com")

    assert send(2).startswith("250")
    assert send(1).startswith("554")
    found = mail.FENCED.search(send(1))
    assert found
    assert found[1] == "2"
    assert [send(2)[:3], send(3)[:3], send(None)[:3]] == ["250", "250", "250"], "fencing dedupes nothing"
    assert count(house, emails) == 4


def test_the_partner_answers_409_to_a_lower_token(house: BackOfHouse) -> None:
    def call(token: str | None) -> tuple[int, object]:
        headers = {"X-Fencing-Token": token} if token else {}
        body = {"sandbox": house.sandbox, "order": 1001, "cents": 1}
        answer = Client(outside.partner).post("/orders", json=body, headers=headers)
        return answer.status_code, answer.json

    assert call("2") == (200, {"first_time": True})
    assert call("1") == (409, {"token": 1, "highest": 2})
    assert call(None)[0] == call("2")[0] == call("no number")[0] == 200
    assert count(house, deliveries) == 4


def test_without_fencing_no_token_is_sent() -> None:
    assert mail.confirmation(Order("s", 1001), None)[mail.TOKEN_HEADER] is None


@pytest.mark.parametrize("fencing", [True, False])
def test_who_was_overtaken_is_refused_and_lets_go_of_the_message(product: Product, fencing: bool) -> None:
    stage = Stage.of(product, fencing=fencing)
    sandbox = stage.sandbox

    stage.act("B", "in")
    late = stage.act("A", "in")

    if fencing:
        assert (late["type"], late["token"], late["highest"]) == ("WriteRefused", 1, 2)
        # Were its lease to run out, the message would come again, and overtake the one that is at it.
        eventually(lambda: len(stage.leases()) == 1, what="it has let go")
    else:
        assert (late["type"], late["place"]) == ("WorkerHeld", "before_ack")
    sandbox.end_hold()
    ledger = sandbox.wait_until_done(1)["ledger"]
    assert adds_up(ledger)
    assert len(sandbox.inbox()) == (1 if fencing else 2)
    assert (ledger["lost"], ledger["duplicated"]) == (0, 0 if fencing else 1)
    assert sandbox.events("RetryScheduled", "StepFailed", "MessageDeadLettered") == []
    sandbox.leave()


def test_fencing_puts_writers_in_order_and_dedupes_nothing(product: Product) -> None:
    stage = Stage.of(product, fencing=True)

    for letter in ("A", "B"):
        stage.act(letter, "in")

    assert len(stage.sandbox.inbox()) == 2
    stage.sandbox.leave()


def count(house: BackOfHouse, table: object) -> int:
    with read() as db:
        return len(db.execute(table.select()).all())  # type: ignore[attr-defined]
