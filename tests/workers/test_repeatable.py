"""A request that is sent again under its Idempotency-Key gets the first answer, and does nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from tests.workers.back_of_house import BackOfHouse
from workers import repeatable, tables
from workers.database import begin
from workers.errors import CardDeclined, KeyReused, StillRunning

TEA = {"checkout": "later", "email": "ada@example.com"}


class Shop:
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        self.done: list[int] = []

    def place(self) -> repeatable.Result:
        self.done.append(len(self.done))
        return 201, {"id": len(self.done)}


def test_a_repeated_request_gets_the_first_answer(house: BackOfHouse) -> None:
    shop = Shop()

    answers = [repeatable.once(house.sandbox, "key", TEA, shop.place) for _ in range(3)]

    assert answers == [(201, {"id": 1})] * 3
    assert len(shop.done) == 1


def test_another_key_and_another_sandbox_are_other_requests(house: BackOfHouse) -> None:
    shop = Shop()

    for sandbox, key in [(house.sandbox, "one"), (house.sandbox, "two"), ("other", "one")]:
        repeatable.once(sandbox, key, TEA, shop.place)

    assert len(shop.done) == 3


def test_a_double_click_waits_for_the_first_answer(house: BackOfHouse) -> None:
    shop, clicked, go_on = Shop(), threading.Event(), threading.Event()

    def slowly() -> repeatable.Result:
        clicked.set()
        assert go_on.wait(10)
        return shop.place()

    with ThreadPoolExecutor(2) as browser:
        first = browser.submit(repeatable.once, house.sandbox, "key", TEA, slowly)
        assert clicked.wait(10)
        second = browser.submit(repeatable.once, house.sandbox, "key", TEA, shop.place)
        go_on.set()
        assert first.result() == second.result() == (201, {"id": 1})

    assert len(shop.done) == 1


def test_twenty_clicks_at_once_are_one_request(house: BackOfHouse) -> None:
    shop = Shop()

    with ThreadPoolExecutor(20) as browser:
        clicks = [browser.submit(repeatable.once, house.sandbox, "key", TEA, shop.place) for _ in range(20)]

    assert {click.result()[1]["id"] for click in clicks} == {1}
    assert len(shop.done) == 1


def test_a_key_belongs_to_one_request(house: BackOfHouse) -> None:
    repeatable.once(house.sandbox, "key", TEA, Shop().place)

    with pytest.raises(KeyReused):
        repeatable.once(house.sandbox, "key", {**TEA, "checkout": "now"}, Shop().place)


def test_a_request_that_failed_may_be_sent_again(house: BackOfHouse) -> None:
    def fails() -> repeatable.Result:
        raise CardDeclined("no answer was promised")

    with pytest.raises(CardDeclined):
        repeatable.once(house.sandbox, "key", TEA, fails)

    assert repeatable.once(house.sandbox, "key", TEA, Shop().place) == (201, {"id": 1})


def test_a_request_whose_process_died_holds_its_key_for_a_minute(
    house: BackOfHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeatable, "WAIT_S", 0.2)
    repeatable.once(house.sandbox, "key", TEA, Shop().place)
    forget_the_answer()

    with pytest.raises(StillRunning):
        repeatable.once(house.sandbox, "key", TEA, Shop().place)
    house.age(tables.repeatable_requests, by_s=61)

    assert repeatable.once(house.sandbox, "key", TEA, Shop().place) == (201, {"id": 1})


def forget_the_answer() -> None:
    """As if the process had died before it had one."""
    nothing: dict[str, Any] = {"status": None, "answer": None}
    with begin() as db:
        db.execute(update(tables.repeatable_requests).values(nothing))
