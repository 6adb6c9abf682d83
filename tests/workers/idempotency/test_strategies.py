"""The strategies, one action after another, and the memory that the worker's hands use for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from lessons.settings_form import SettingsForm
from tests.workers.back_of_house import BackOfHouse
from workers.attempts import Attempt, Step
from workers.errors import InProgress, StepUnavailable
from workers.idempotency import seen
from workers.idempotency.keys import KEYS
from workers.idempotency.strategies import STRATEGIES
from workers.shop import effects
from workers.shop.orders import Order

KEY = "email:1001"


class Bench:
    """A step whose effect is only counted, done by workers of one sandbox; `passed` are the places."""

    def __init__(self, house: BackOfHouse) -> None:
        self.house, self.fails = house, False
        self.keys: list[str | None] = []
        self.passed: list[str] = []

    def deliver(self, strategy: str, number: int = 1, order: int = 1001, **settings: Any) -> Attempt:
        """Let a delivery do the step."""
        attempt = Attempt(
            "worker", 10, strategy, number=number, worker="w1", message="m", reach=self.passed.append, lease_s=2
        )
        for name, value in settings.items():
            setattr(attempt, name, value)
        attempt.perform(Step("email", 0.0, "", self.work), Order(self.house.sandbox, order))
        return attempt

    def work(self, order: Order, key: str | None, finish: Callable[[Connection, bool], None]) -> None:
        if self.fails:
            raise StepUnavailable("It failed.", "it failed")
        self.keys.append(key)
        effects.happened_outside(finish, first_time=True)


@pytest.fixture
def bench(house: BackOfHouse) -> Bench:
    return Bench(house)


PLACES = {
    "off": ["in"],
    "check_then_mark": ["check", "in", "mark"],
    "claim_first": ["claim", "in"],
    "claim_with_lease": ["claim", "in", "mark"],
    "receiver": ["in"],
}


def test_each_strategy_passes_the_places_of_its_actions(bench: Bench) -> None:
    assert set(STRATEGIES) == set(PLACES)
    for number, (strategy, actions) in enumerate(PLACES.items()):
        bench.passed.clear()
        bench.deliver(strategy, order=number)

        assert bench.passed == ["before:email", *(f"{action}:email" for action in actions), "after:email"]


def test_the_form_takes_every_strategy_and_every_key_and_no_other() -> None:
    allowed = SettingsForm.model_json_schema()["properties"]

    assert allowed["idempotency"]["enum"] == list(STRATEGIES)
    assert allowed["idempotency_key"]["enum"] == list(KEYS)


@pytest.mark.parametrize("strategy", ["check_then_mark", "claim_first", "claim_with_lease"])
def test_a_step_that_was_done_is_skipped_in_no_time_and_said_so(bench: Bench, strategy: str) -> None:
    bench.deliver(strategy)
    bench.passed.clear()

    attempt = bench.deliver(strategy, number=2)

    assert len(bench.keys) == 1
    assert [place.partition(":")[0] for place in bench.passed] == ["before", PLACES[strategy][0], "after"]
    assert [event.type for event in attempt.happened] == ["StepStarted", "DuplicateSuppressed", "StepFinished"]
    assert attempt.happened[1].details["key"] == KEY
    assert attempt.happened[2].details["seconds"] < 0.1
    bench.deliver(strategy, order=1002)
    assert len(bench.keys) == 2, "another order is another key"


@pytest.mark.parametrize("strategy", ["off", "receiver"])
def test_without_a_memory_of_its_own_the_sender_does_it_again(bench: Bench, strategy: str) -> None:
    for number in (1, 2):
        bench.deliver(strategy, number)

    assert bench.keys == [KEY if strategy == "receiver" else None] * 2


def test_a_claim_that_is_held_puts_the_other_off_and_never_skips(bench: Bench) -> None:
    seen.claim_for_a_while(bench.house.broker, bench.house.sandbox, KEY, "another", 2)

    with pytest.raises(InProgress):
        bench.deliver("claim_with_lease")

    assert bench.keys == []
    assert [event.key for event in bench.house.events("MessagePutOff")] == [KEY]  # type: ignore[attr-defined]
    assert bench.house.events("StepFailed", "DuplicateSuppressed", "StepFinished") == []


def test_who_has_lost_the_claim_does_not_turn_anothers_into_a_mark(bench: Bench) -> None:
    broker, sandbox = bench.house.broker, bench.house.sandbox

    def lose_it(place: str) -> None:
        if place == "mark:email":
            broker.set(seen.entry(sandbox, KEY), "another")

    bench.deliver("claim_with_lease", reach=lose_it)

    assert not seen.is_marked(broker, sandbox, KEY)


def test_work_that_fails_keeps_the_first_claim_so_that_nobody_does_it(bench: Bench) -> None:
    bench.fails = True
    with pytest.raises(StepUnavailable):
        bench.deliver("claim_first")
    bench.fails = False

    bench.deliver("claim_first", number=2)

    assert bench.keys == []


def test_work_that_fails_is_not_marked(bench: Bench) -> None:
    bench.fails = True
    with pytest.raises(StepUnavailable):
        bench.deliver("check_then_mark")
    bench.fails = False

    bench.deliver("check_then_mark", number=2)

    assert len(bench.keys) == 1


def test_the_address_takes_the_second_order_of_a_customer_for_a_repeat(bench: Bench) -> None:
    for order in (1001, 1002):
        bench.deliver("check_then_mark", order=order, idempotency_key="email_address")

    assert len(bench.keys) == 1


def test_a_random_key_is_another_one_for_each_send(bench: Bench) -> None:
    for number in (1, 2):
        bench.deliver("receiver", number, idempotency_key="random")

    assert len(set(bench.keys)) == 2
