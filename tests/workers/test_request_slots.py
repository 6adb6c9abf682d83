"""Request slots: so many customers are served at a time, the others wait in the order of their arrival."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests.product import Sandbox
from tests.workers.back_of_house import BackOfHouse
from workers import request_slots
from workers.errors import HouseFull
from workers.shop.orders import Order


def test_with_one_slot_customers_are_served_one_after_the_other(sandbox: Sandbox) -> None:
    sandbox.change(request_slots=1)

    with ThreadPoolExecutor(3) as customers:
        waits = sorted(placed["waited_s"] for placed in customers.map(lambda _: sandbox.place("now"), range(3)))

    moments = sandbox.events("CheckoutStarted", "CustomerAnswered")
    assert [event["type"] for event in moments] == ["CheckoutStarted", "CustomerAnswered"] * 3
    assert len(sandbox.events("RequestQueued")) == 2
    assert all(later - earlier > 1.2 for earlier, later in pairwise(waits))


def test_a_flood_of_customers_who_wait_for_everything_fills_the_slots(sandbox: Sandbox) -> None:
    sandbox.change(request_slots=2)
    sandbox.http.post(sandbox.url("/floods"), json={"per_second": 6, "seconds": 1, "checkout": "now"})

    sandbox.wait_for("FloodEnded")
    answered = sandbox.events("CustomerAnswered")
    assert [event["checkout"] for event in answered] == ["now"] * 6
    assert max(event["waited_s"] for event in answered) > 2 * 1.2
    assert sandbox.snapshot()["ledger"]["refused"] == 0


def test_nobody_stands_in_line_for_as_many_slots_as_there_can_be(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(4) as customers:
        list(customers.map(lambda _: sandbox.place(), range(4)))

    assert sandbox.events("RequestQueued") == []


def test_the_line_is_left_by_a_customer_who_is_not_served_in_time(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_slots, "IN_LINE_AT_MOST_S", 0.1)
    first, second, third = (Order(house.sandbox, number) for number in (1, 2, 3))

    with request_slots.held(first, 1), pytest.raises(HouseFull), request_slots.held(second, 1):
        raise AssertionError("there was no slot")

    with request_slots.held(third, 1) as waited:
        assert not waited
    assert [event.order for event in house.events("RequestRefused")] == [2]


@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_keeps_nobody_out(house: BackOfHouse) -> None:
    with request_slots.held(Order(house.sandbox, 1), 1) as waited:
        assert not waited
